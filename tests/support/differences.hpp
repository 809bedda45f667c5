// Derivatives by central differences, for tests of analytic ones.
#pragma once

#include <cmath>
#include <concepts>

#include "tarn/vector.hpp"

namespace tarn::test {

/// df/dx of a function of one number, extrapolated from steps h and h / 2 (Richardson): the error
/// is of order h^4, with rounding of about 1e-16 |f| / h.
template <std::invocable<double> Function>
auto derivative(const Function& f, double x, double h = 1e-3) {
  const auto central = [&](double step) { return (f(x + step) - f(x - step)) / (2 * step); };
  return (4 * central(h / 2) - central(h)) / 3;
}

/// Gradient of a function of a vector.
template <class Function>
Vector gradient_of(const Function& f, const Vector& x, double h = 1e-3) {
  Vector gradient(x.size());
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    gradient[i] = derivative(
        [&](double at) {
          Vector moved = x;
          moved[i] = at;
          return f(moved);
        },
        x[i], h);
  }
  return gradient;
}

}  // namespace tarn::test
