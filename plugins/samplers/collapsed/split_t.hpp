// A t distribution with a scale for each side of each axis (Geweke 1989, section 4).
#pragma once

#include <functional>

#include "proposal.hpp"

namespace tarn::collapsed {

/// t around the origin, stretched in every orthant by the scales of its sides; a side has the
/// probability of its share of both scales, so that the density is continuous.
class SplitT final : public Proposal {
 public:
  using LogDensity = std::function<double(const Vector&)>;

  SplitT(double nu, Point below, Point above);

  /// Scales at which a normal density drops as fast as the given one along the axes, measured at 1,
  /// 2 and 3 of the axis's units: the slowest of the three drops counts.
  static SplitT around_origin(double nu, Eigen::Index dimensions, const LogDensity& log_density);

  Point draw(Rng& rng) const override;
  double log_density(const Point& w) const override;

 private:
  double nu_;
  Point below_;
  Point above_;
  double log_constant_;
};

}  // namespace tarn::collapsed
