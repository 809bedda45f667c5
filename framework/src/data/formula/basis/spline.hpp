// The B-spline basis over a sequence of knots.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "data/formula/basis/basis.hpp"

namespace tarn::formula {

class SplineBasis {
 public:
  SplineBasis(std::size_t degree, double lower, double upper, std::span<const double> knots);

  std::size_t size() const noexcept { return t_.size() - degree_ - 1; }

  /// The degree + 1 functions that are not zero at x; returns the number of the first.
  std::size_t values(double x, std::span<double> nonzero) const;

  /// Derivatives of all functions at x, which lies within the boundary.
  std::vector<double> derivative(double x, std::size_t order) const;

 private:
  std::size_t degree_;
  std::vector<double> t_;
};

}  // namespace tarn::formula
