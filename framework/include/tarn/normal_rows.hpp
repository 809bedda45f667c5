// Single rows of a Gaussian model: their log likelihood, and new responses.
#pragma once

#include "tarn/design.hpp"
#include "tarn/rng.hpp"

namespace tarn {

/// log N(y_i | mean_i, sd_i^2) times the row's frequency, sd_i = sigma or the row's known standard
/// error. With known standard errors pass sigma = 1.
void normal_log_likelihood(const Rows& rows, ConstVectorRef mean, double sigma, VectorRef by_row);

/// Draws y_i ~ N(mean_i, sd_i^2), sd_i = sigma or the row's known standard error. A row's frequency
/// says how often it counts, not how precise it is, and has no part in this.
void normal_predict(const Rows& rows, ConstVectorRef mean, double sigma, VectorRef y, Rng& rng);

}  // namespace tarn
