// Whole levels of a Gaussian model, their effects integrated out.
#pragma once

#include "tarn/design.hpp"

namespace tarn {

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

}  // namespace tarn
