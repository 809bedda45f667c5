// Which effects are drawn together.
#pragma once

#include <functional>
#include <vector>

#include "solver/several_factors.hpp"

namespace tarn::crossed {

/// Factors that are drawn together with b; first, with all of these integrated out, the covariances
/// of some of them.
struct JointBlock {
  std::vector<std::size_t> factors;
  solver::Elimination effects;
  std::vector<std::size_t> with_covariance = {};
};

/// All factors in one block where that is affordable. Else each with many levels in its turn,
/// together with those of few.
std::vector<JointBlock> choose_blocks(const solver::NormalEquations& equations);

/// Slices along the free coordinates of `now`; `log_likelihood` looks at `now`.
void slice_covariance(const GroupCovariance& prior, Covariance& now,
                      const std::function<double()>& log_likelihood, Rng& rng);

}  // namespace tarn::crossed
