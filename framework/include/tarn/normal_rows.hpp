// Single rows of a Gaussian model: their log likelihood, and new responses.
#pragma once

#include "tarn/design.hpp"
#include "tarn/rng.hpp"

namespace tarn {

/// log N(y_i | mean_i, sd_i^2) times the row's frequency, sd_i = sigma or the row's known standard
/// error. With known standard errors pass sigma = 1.
void normal_log_likelihood(const Rows& rows, ConstVectorRef mean, double sigma, VectorRef by_row);

/// The effects r_j ~ N(0, factor factor') of one grouping, as they were drawn.
struct DrawnEffects {
  std::size_t grouping;
  Matrix factor;
  Eigen::Ref<const Matrix> r;  // q x J
};

/// For each level j in `rows` (all its rows, side by side) the log of its rows' likelihood with r_j
/// integrated out. `mean`: of the rows, r_j included; `sigma`: of each level, or one for all.
void normal_log_likelihood_of_levels(const Design& design, const Rows& rows, ConstVectorRef mean,
                                     ConstVectorRef sigma, const DrawnEffects& effects,
                                     VectorRef by_level);

/// Draws y_i ~ N(mean_i, sd_i^2), sd_i = sigma or the row's known standard error. A row's frequency
/// says how often it counts, not how precise it is, and has no part in this.
void normal_predict(const Rows& rows, ConstVectorRef mean, double sigma, VectorRef y, Rng& rng);

}  // namespace tarn
