// Models compared by their pointwise predictive densities of the same rows.
#pragma once

#include <cstddef>
#include <vector>

#include "tarn/rng.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// A model less the best one.
struct Difference {
  double elpd;
  double se;  // of paired differences: sqrt(n var)
};

/// The columns of `pointwise` (units x models), the greatest sum first.
std::vector<std::size_t> best_first(ConstMatrixRef pointwise);

/// Of model k from model `best`.
Difference difference(ConstMatrixRef pointwise, std::size_t k, std::size_t best);

/// Stacking of predictive distributions (Yao, Vehtari, Simpson & Gelman 2018): the weights w with
/// the greatest sum_i log sum_k w_k exp(pointwise_ik).
Vector stacking_weights(ConstMatrixRef pointwise);

/// Pseudo-BMA+ weights (the same, section 3.3): by the Bayesian bootstrap.
Vector pseudo_bma_weights(ConstMatrixRef pointwise, Rng& rng);

}  // namespace tarn
