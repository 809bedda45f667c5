// Forward-mode numbers: a value with its first, or first two, derivatives in one direction.
#pragma once

#include <array>
#include <cmath>

#include "tarn/distributions.hpp"
#include "tarn/special.hpp"

namespace tarn {

/// Order 1 or 2. A double is a constant.
template <int Order>
struct Dual {
  static_assert(Order == 1 || Order == 2);

  double value = 0;
  std::array<double, Order> d{};

  constexpr Dual() = default;
  constexpr Dual(double constant) : value(constant) {}  // NOLINT: as a double is read
  constexpr Dual(double at, std::array<double, Order> derivatives) : value(at), d(derivatives) {}

  /// What is differentiated with respect to.
  static constexpr Dual variable(double at) {
    Dual x(at);
    x.d[0] = 1;
    return x;
  }

  constexpr bool constant() const {
    if constexpr (Order == 2) {
      return d[0] == 0 && d[1] == 0;
    } else {
      return d[0] == 0;
    }
  }

  constexpr Dual operator-() const {
    Dual r(-value);
    for (int k = 0; k < Order; ++k) r.d[k] = -d[k];
    return r;
  }
  constexpr Dual& operator+=(const Dual& b) {
    value += b.value;
    for (int k = 0; k < Order; ++k) d[k] += b.d[k];
    return *this;
  }
  constexpr Dual& operator-=(const Dual& b) { return *this += -b; }
  constexpr Dual& operator*=(const Dual& b) { return *this = *this * b; }
  constexpr Dual& operator/=(const Dual& b) { return *this = *this / b; }

  friend constexpr Dual operator+(Dual a, const Dual& b) { return a += b; }
  friend constexpr Dual operator-(Dual a, const Dual& b) { return a -= b; }
  friend constexpr Dual operator*(const Dual& a, const Dual& b) {
    Dual r(a.value * b.value);
    r.d[0] = a.d[0] * b.value + a.value * b.d[0];
    if constexpr (Order == 2) r.d[1] = a.d[1] * b.value + 2 * a.d[0] * b.d[0] + a.value * b.d[1];
    return r;
  }
  friend constexpr Dual operator/(const Dual& a, const Dual& b) {
    Dual r(a.value / b.value);
    r.d[0] = (a.d[0] - r.value * b.d[0]) / b.value;
    if constexpr (Order == 2) {
      r.d[1] = (a.d[1] - 2 * r.d[0] * b.d[0] - r.value * b.d[1]) / b.value;
    }
    return r;
  }
  friend constexpr Dual operator+(Dual a, double b) {
    a.value += b;
    return a;
  }
  friend constexpr Dual operator+(double a, Dual b) { return b + a; }
  friend constexpr Dual operator-(Dual a, double b) { return a + -b; }
  friend constexpr Dual operator-(double a, const Dual& b) { return -b + a; }
  friend constexpr Dual operator*(Dual a, double b) {
    a.value *= b;
    for (double& derivative : a.d) derivative *= b;
    return a;
  }
  friend constexpr Dual operator*(double a, Dual b) { return b * a; }
  friend constexpr Dual operator/(const Dual& a, double b) { return a * (1 / b); }

  friend constexpr auto operator<=>(const Dual& a, const Dual& b) { return a.value <=> b.value; }
  friend constexpr bool operator==(const Dual& a, const Dual& b) { return a.value == b.value; }
};

/// f(x) by the chain rule from f, and f' and f'' that are asked for only where they are needed.
template <int Order, class First, class Second>
constexpr Dual<Order> chain(const Dual<Order>& x, double f, First first, Second second) {
  Dual<Order> r(f);
  if (x.constant()) return r;
  const double slope = first();
  r.d[0] = slope * x.d[0];
  if constexpr (Order == 2) r.d[1] = slope * x.d[1] + second() * x.d[0] * x.d[0];
  return r;
}

/// The value, of a double too.
constexpr double value_of(double x) { return x; }
template <int Order>
constexpr double value_of(const Dual<Order>& x) {
  return x.value;
}

using std::exp;
using std::expm1;
using std::log;
using std::log1p;
using std::pow;
using std::sqrt;

constexpr double square(double x) noexcept { return x * x; }
template <int Order>
constexpr Dual<Order> square(const Dual<Order>& x) {
  return x * x;
}

template <int Order>
Dual<Order> exp(const Dual<Order>& x) {
  const double f = std::exp(x.value);
  return chain(
      x, f, [f] { return f; }, [f] { return f; });
}

template <int Order>
Dual<Order> expm1(const Dual<Order>& x) {
  const double f = std::expm1(x.value);
  return chain(
      x, f, [f] { return f + 1; }, [f] { return f + 1; });
}

template <int Order>
Dual<Order> log(const Dual<Order>& x) {
  const double slope = 1 / x.value;
  return chain(
      x, std::log(x.value), [slope] { return slope; }, [slope] { return -slope * slope; });
}

template <int Order>
Dual<Order> log1p(const Dual<Order>& x) {
  const double slope = 1 / (1 + x.value);
  return chain(
      x, std::log1p(x.value), [slope] { return slope; }, [slope] { return -slope * slope; });
}

template <int Order>
Dual<Order> sqrt(const Dual<Order>& x) {
  const double f = std::sqrt(x.value);
  return chain(
      x, f, [f] { return 0.5 / f; }, [f, &x] { return -0.25 / (f * x.value); });
}

template <int Order>
Dual<Order> pow(const Dual<Order>& x, double power) {
  const double f = std::pow(x.value, power);
  return chain(
      x, f, [&] { return power * f / x.value; },
      [&] { return power * (power - 1) * f / (x.value * x.value); });
}

template <int Order>
Dual<Order> logistic(const Dual<Order>& x) {
  const double s = logistic(x.value);
  const double slope = s * logistic(-x.value);
  return chain(
      x, s, [slope] { return slope; }, [s, slope] { return slope * (1 - 2 * s); });
}

template <int Order>
Dual<Order> softplus(const Dual<Order>& x) {
  const double s = logistic(x.value);
  return chain(
      x, softplus(x.value), [s] { return s; }, [s, &x] { return s * logistic(-x.value); });
}

template <int Order>
Dual<Order> log1m_exp(const Dual<Order>& x) {
  const double slope = 1 / std::expm1(x.value);
  return chain(
      x, log1m_exp(x.value), [slope] { return slope; }, [slope] { return -slope * (1 + slope); });
}

template <int Order>
Dual<Order> log_cloglog(const Dual<Order>& x) {
  const double E = std::exp(x.value);
  // a = E / (exp(E) - 1) and a (1 - a - E), where 1 - a cancels for small E.
  const double a = E < 1e-300 ? 1 : E > 700 ? 0 : E / std::expm1(E);
  const auto second = [a, E] {
    if (a == 0) return 0.0;
    return a * (E < 1e-3 ? -E / 2 - E * E / 12 : 1 - a - E);
  };
  return chain(
      x, log_cloglog(x.value), [a] { return a; }, second);
}

template <int Order>
Dual<Order> normal_log_cdf(const Dual<Order>& x) {
  return chain(
      x, normal_log_cdf(x.value), [&x] { return normal_hazard(x.value); },
      [&x] { return normal_log_cdf_curvature(x.value); });
}

template <int Order>
Dual<Order> log_gamma(const Dual<Order>& x) {
  return chain(
      x, log_gamma(x.value), [&x] { return digamma(x.value); }, [&x] { return trigamma(x.value); });
}

/// log Gamma(x + n) - log Gamma(x).
template <int Order>
Dual<Order> log_rising(const Dual<Order>& x, double n) {
  return chain(
      x, log_rising(x.value, n), [&x, n] { return log_rising_slope(x.value, n); },
      [&x, n] { return log_rising_curvature(x.value, n); });
}

/// log(exp(a) + exp(b)).
template <class T>
T log_sum_exp(const T& a, const T& b) {
  // Beyond the digits of a double the smaller may be -inf, and its derivatives no numbers.
  if (value_of(b) < value_of(a) - 40) return a;
  if (value_of(a) < value_of(b) - 40) return b;
  return a > b ? a + softplus(b - a) : b + softplus(a - b);
}

}  // namespace tarn
