// The multivariate t distribution.
#pragma once

#include <tarn/rng.hpp>

#include "point.hpp"

namespace tarn::collapsed {

/// x = location + L e / sqrt(c / nu) with e ~ N(0, I), c ~ chi-squared(nu), L L' = scale.
class MultivariateT {
 public:
  /// The scale matrix is positive definite.
  MultivariateT(double nu, const Point& location, const Square& scale);

  Point draw(Rng& rng) const;

  double log_density(const Point& x) const;

  /// (x - location)' scale^-1 (x - location) of every column.
  Eigen::ArrayXd squared_distances(const Matrix& points) const;

  /// Of points at these squared distances.
  Eigen::ArrayXd log_densities(const Eigen::ArrayXd& squared_distances) const;

  double nu() const noexcept { return nu_; }
  const Point& location() const noexcept { return location_; }
  Square scale() const { return root_ * root_.transpose(); }

 private:
  double nu_;
  Point location_;
  Square root_;     // L
  Square inverse_;  // L^-1
  double log_constant_;
};

}  // namespace tarn::collapsed
