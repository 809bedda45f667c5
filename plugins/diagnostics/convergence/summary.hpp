// All figures that are reported about one parameter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tarn/statistics/chains.hpp"
#include "tarn/statistics/ess.hpp"
#include "tarn/statistics/indicators.hpp"
#include "tarn/statistics/order.hpp"
#include "tarn/statistics/quantile.hpp"
#include "tarn/statistics/ranks.hpp"
#include "tarn/vector.hpp"

namespace tarn::convergence {

using namespace statistics;

/// What is reported: mean, sd, mcse_mean, mcse_sd, q<...>, mcse_q<...>, rhat, ess_bulk, ess_tail.
struct Columns {
  std::vector<double> quantiles;       // probabilities, each inside (0, 1)
  std::vector<double> mcse_quantiles;  // those with a Monte Carlo standard error

  std::vector<std::string> names() const;
  std::size_t count() const noexcept { return 7 + quantiles.size() + mcse_quantiles.size(); }
};

/// What can be said of a parameter before any statistics. Implied: a number that others determine
/// does not vary in its digits, such as a correlation that is 1 to the last.
enum class Kind : char { varying, constant, not_finite, implied };

/// Halves of chains. With an odd number of draws the middle one belongs to neither half.
class Halves {
 public:
  Halves(std::size_t chains, std::size_t draws);

  bool all_draws() const noexcept { return place_of_.empty(); }
  std::size_t draws() const noexcept { return draws_; }  // per half
  std::size_t count() const noexcept { return count_; }
  std::size_t size() const noexcept { return draws_ * count_; }

  /// Where each draw goes, or Order::dropped; empty if every draw stays where it is.
  std::span<const std::uint32_t> place_of() const noexcept { return place_of_; }

 private:
  std::size_t draws_;
  std::size_t count_;
  std::vector<std::uint32_t> place_of_;
};

/// Summarises one parameter after another, in the same work space.
class Summary {
 public:
  /// `scores` are those of as many draws as are in the halves.
  Summary(const Columns& columns, const Halves& halves, const NormalScores& scores);

  /// `x`: all draws of chain 0, then of chain 1, ... Fills a row of the table;
  /// NaN: cannot say.
  Kind summarise(std::span<const double> x, std::span<double> row);

 private:
  void split(std::span<const double> x);
  double ess_of_quantile(double probability);
  const Order& split_order() const { return halves_.all_draws() ? order_ : kept_; }

  const Columns& columns_;
  const Halves& halves_;
  const NormalScores& scores_;

  Order order_;
  Order kept_;  // without the draws that belong to no half
  Folded folded_;
  Matrix split_;    // one column per half chain
  Matrix derived_;  // scores or squares of the split draws
  Vector centred_;
  Chains chains_;
  Indicators indicators_;
  EffectiveDraws effective_draws_;
};

}  // namespace tarn::convergence
