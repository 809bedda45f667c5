// What a row's, or a group's, log likelihood over the draws says of prediction.
#pragma once

#include <cstddef>
#include <vector>

#include "math/chains.hpp"
#include "math/ess.hpp"
#include "tarn/vector.hpp"

namespace tarn::information {

/// Of one unit: a row, or a group of them. NaN throughout where a density is not finite.
struct Criteria {
  double elpd_loo;    // log p(y_i | the others), by Pareto-smoothed importance sampling
  double p_loo;       // log p(y_i | all) - elpd_loo
  double pareto_k;    // how far elpd_loo can be trusted
  double efficiency;  // of the draws' densities: effective draws / draws
  double elpd_waic;
  double p_waic;
};

/// Works out one unit after another in the same work space.
class UnitCriteria {
 public:
  /// Without `efficiencies` each draw counts as an independent one.
  UnitCriteria(std::size_t chains, std::size_t draws, bool efficiencies);

  /// The log likelihood: all draws of chain 0, then of chain 1, ...
  Criteria operator()(const Eigen::ArrayXd& log_likelihood);

 private:
  Eigen::Index chains_;
  Eigen::Index draws_;
  bool efficiencies_;
  Eigen::ArrayXd densities_;
  Eigen::ArrayXd weights_;
  convergence::Chains sequences_;
  convergence::EffectiveDraws effective_draws_;
};

/// A sum over units, with its standard error sqrt(n var).
struct Estimate {
  double sum;
  double se;
};
Estimate total(const std::vector<Criteria>& units, double Criteria::*figure);

}  // namespace tarn::information
