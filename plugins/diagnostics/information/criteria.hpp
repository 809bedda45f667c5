// What a row's, or a group's, log likelihood over the draws says of prediction.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "tarn/statistics/chains.hpp"
#include "tarn/statistics/ess.hpp"
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
  double mcse = 0;  // Monte Carlo standard error of elpd_loo
  bool refitted = false;
};

/// Of figures that hold good.
struct Limits {
  double pareto_k = std::numeric_limits<double>::infinity();
  double mcse = std::numeric_limits<double>::infinity();

  bool hold(const Criteria& unit) const { return unit.pareto_k <= pareto_k && unit.mcse <= mcse; }
};

/// Works out one unit after another in the same work space.
class UnitCriteria {
 public:
  /// Without `efficiencies` each draw counts as an independent one.
  UnitCriteria(std::size_t chains, std::size_t draws, bool efficiencies);

  /// The log likelihood: all draws of chain 0, then of chain 1, ...
  Criteria operator()(const Eigen::ArrayXd& log_likelihood);

  /// How much each draw has moved the elpd of all units so far whose figures hold good: units share
  /// their draws, and so their errors.
  const Eigen::ArrayXd& influence() const noexcept { return influence_; }
  void count(const Limits& good) { counted_ = good; }

 private:
  Eigen::Index chains_;
  Eigen::Index draws_;
  bool efficiencies_;
  Eigen::ArrayXd densities_;
  Eigen::ArrayXd weights_;
  Eigen::ArrayXd influence_;
  Limits counted_;
  statistics::Chains sequences_;
  statistics::EffectiveDraws effective_draws_;
};

/// The Monte Carlo standard error of the sum of elpd_loo: by the influence of dependent draws on
/// the units that were counted; the others add theirs as if they had draws of their own.
double error_of_sum(const Eigen::ArrayXd& influence, std::size_t chains, std::size_t draws,
                    const std::vector<Criteria>& units, const std::vector<bool>& counted);

/// A sum over units, with its standard error sqrt(n var).
struct Estimate {
  double sum;
  double se;
};
Estimate total(const std::vector<Criteria>& units, double Criteria::*figure);

}  // namespace tarn::information
