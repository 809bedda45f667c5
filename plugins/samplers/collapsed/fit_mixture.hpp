// Mixtures of t distributions fitted to weighted points (Hoogerheide, Opschoor & van Dijk 2012).
#pragma once

#include "defensive_mixture.hpp"
#include "pilot.hpp"
#include "split_modes.hpp"

namespace tarn::collapsed {

/// Points and weights that stand for a density; weights add up to 1.
struct WeightedPoints {
  Matrix points;  // one per column
  Eigen::ArrayXd weights;

  Point mean() const;
  Square covariance() const;

  /// How many equally weighted points are worth as much.
  double effective() const { return 1 / weights.square().sum(); }
};

/// With weights from the smoothed ratios.
WeightedPoints weighted(const Pilot& pilot);

/// Steps of weighted expectation-maximisation (Peel & McLachlan 2000) with nu held fixed.
/// Components that are left with too few points for their scale matrix are dropped, the last never.
TMixture maximise(const WeightedPoints& sample, TMixture mixture, double nu, int steps);

/// The best of up to `most` components with one of the degrees of freedom, judged as a part of
/// DefensiveMixture by the importance sampler's efficiency.
DefensiveMixture fit_mixture(const Pilot& all, std::size_t most, const Modes& modes);

}  // namespace tarn::collapsed
