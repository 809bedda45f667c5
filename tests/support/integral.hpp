// Integrals of log-concave functions of one number, adaptively: what quadrature rules are held
// against.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/tools/minima.hpp>

#include "tarn/vector.hpp"

namespace tarn::test {

/// The mode of exp(f) and where it has fallen to e^-50 of its height.
struct Support1D {
  double low, mode, high, top;
};

inline Support1D support_of(const std::function<double(double)>& f, double about, double width) {
  // An interval in which the mode lies: until both ends are lower than the best point within.
  double low = about - width, high = about + width, best = about;
  for (double step = width; f(low) > f(best); step *= 2) best = low, low -= step;
  for (double step = width; f(high) > f(best); step *= 2) best = high, high += step;
  const auto [mode, least] =
      boost::math::tools::brent_find_minima([&](double u) { return -f(u); }, low, high, 50);
  const auto end = [&, mode = mode, top = -least](double sign) {
    // To within a tenth of the first step where the fall begins to be too deep.
    double near = 0, far = width;
    while (f(mode + sign * far) > top - 50) near = far, far *= 2;
    while (far > 1.1 * near) {
      const double middle = near > 0 ? std::sqrt(near * far) : far / 2;
      (f(mode + sign * middle) > top - 50 ? near : far) = middle;
      if (near == 0 && far < 1e-12 * width) break;
    }
    return mode + sign * far;
  };
  return {end(-1), mode, end(1), -least};
}

/// log of the integral of exp(f) over the line; `about` and `width`: near its mode.
inline double log_integral(const std::function<double(double)>& f, double about, double width) {
  const Support1D s = support_of(f, about, width);
  double sum = 0;
  constexpr int parts = 8;
  for (const double end : {s.low, s.high}) {
    for (int k = 0; k < parts; ++k) {
      const double a = s.mode + (end - s.mode) * k / parts;
      const double b = s.mode + (end - s.mode) * (k + 1) / parts;
      sum += std::abs(boost::math::quadrature::gauss_kronrod<double, 31>::integrate(
          [&](double u) { return std::exp(f(u) - s.top); }, a, b, 8, 1e-11));
    }
  }
  return s.top + std::log(sum);
}

/// The distribution function of the density proportional to exp(f), by Simpson's rule on a grid.
class Distribution {
 public:
  Distribution(const std::function<double(double)>& f, double about, double width) {
    const Support1D s = support_of(f, about, width);
    low_ = s.low;
    step_ = (s.high - s.low) / intervals;
    below_.push_back(0);
    const auto height = [&](double u) { return std::exp(f(u) - s.top); };
    double left = height(low_);
    for (int k = 0; k < intervals; ++k) {
      const double u = low_ + k * step_;
      const double right = height(u + step_);
      below_.push_back(below_.back() + step_ * (left + 4 * height(u + step_ / 2) + right) / 6);
      left = right;
    }
  }

  double operator()(double u) const {
    const double at = (u - low_) / step_;
    if (!(at > 0)) return 0;
    if (at >= intervals) return 1;
    const auto k = static_cast<std::size_t>(at);
    const double part = at - static_cast<double>(k);
    return (below_[k] + part * (below_[k + 1] - below_[k])) / below_.back();
  }

 private:
  static constexpr int intervals = 1000;
  double low_ = 0;
  double step_ = 0;
  std::vector<double> below_;
};

}  // namespace tarn::test
