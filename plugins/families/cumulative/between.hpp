// log(F(a) - F(b)) of the standard distributions behind the links, with all digits kept for a near
// b and far out in the tails.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include <tarn/dual.hpp>
#include <tarn/family.hpp>

namespace tarn::cumulative {

/// log F(x): logistic, normal, or that of the smallest value (Gumbel).
template <class T>
T log_below(Link link, const T& x) {
  if (link == Link::probit) return normal_log_cdf(x);
  return link == Link::cloglog ? log_cloglog(x) : -softplus(-x);
}

/// log(1 - F(x)).
template <class T>
T log_above(Link link, const T& x) {
  if (link == Link::probit) return normal_log_cdf(-x);
  return link == Link::cloglog ? -exp(x) : -softplus(x);
}

/// log of the integral of phi from m - h to m + h where it hardly bends: by four points of Gauss
/// and Legendre, which leave 1e-14 of it while h (1 + |m|) < 1/8.
template <class T>
T log_narrow(const T& m, const T& h) {
  constexpr std::array<double, 2> x{0.33998104358485626, 0.86113631159405258};
  constexpr std::array<double, 2> weight{0.65214515486254614, 0.34785484513745386};
  constexpr double log_sqrt_2pi = 0.91893853320467274178;
  T sum(0.0);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const T t = h * x[k];
    sum += weight[k] * exp(square(t) * -0.5) * (exp(m * t) + exp(-(m * t)));
  }
  return log(h * sum) - square(m) * 0.5 - log_sqrt_2pi;
}

/// log(F(a) - F(b)), b < a; `step` is their difference, which they may have lost.
template <class T>
T log_between(Link link, const T& b, const T& a, const T& step) {
  if (link == Link::cloglog) return log_cloglog(a + log1m_exp(step)) - exp(b);
  if (link != Link::probit) return log1m_exp(step) - softplus(-a) - softplus(b);
  const T m = (a + b) * 0.5;
  if (value_of(m) > 0) return log_between(link, T(-a), T(-b), step);  // where Phi has its digits
  if (value_of(step) * (1 + std::abs(value_of(m))) < 0.25) return log_narrow(m, T(step * 0.5));
  const T above = normal_log_cdf(a);
  return above + log1m_exp(T(above - normal_log_cdf(b)));
}

/// Phi(a) - Phi(b) where its digits are all there, and of its logarithm the first derivative with
/// respect to eta, of which a and b are less, and minus the second. A row of log_between() and its
/// derivatives asks for erfc eight times, this one twice.
struct NormalBetween {
  double mass = 0;  // 0: where Phi loses its digits, or a and b are too near each other
  double score = 0;
  double curvature = 0;

  NormalBetween(double b, double a, bool derivatives) {
    if (a + b > 0) {
      from(-a, -b, derivatives);
      score = -score;
    } else {
      from(b, a, derivatives);
    }
  }

 private:
  static double density(double x) { return std::exp(-0.5 * x * x) * 0.39894228040143268; }

  void from(double b, double a, bool derivatives) {
    constexpr double least = -8;  // curvatures are differences of squares of this size
    if (!(a > least)) return;
    const double below_a = std::erfc(-a * 0.70710678118654752) / 2;
    const double between = below_a - std::erfc(-b * 0.70710678118654752) / 2;
    if (!(between > 0.1 * below_a)) return;
    mass = between;
    if (!derivatives) return;
    const double at_a = density(a), at_b = density(b);
    score = (at_b - at_a) / mass;
    // b may be minus infinity.
    curvature = score * score + (a * at_a - (at_b > 0 ? b * at_b : 0)) / mass;
    if (!(curvature > 0)) curvature = 0;
  }
};

}  // namespace tarn::cumulative
