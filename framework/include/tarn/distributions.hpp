// Mathematics for model authors: log densities of a textbook, and slice updates.
#pragma once

#include <math.h>  // lgamma_r

#include <cmath>
#include <concepts>
#include <limits>
#include <numbers>

#include "tarn/rng.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// log |Gamma(x)|. std::lgamma also writes the sign to a global, which chains would race for.
inline double log_gamma(double x) noexcept {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

/// d/dx of log_gamma, x > 0: upwards by the recurrence, then Stirling's series, whose next term is
/// below 1e-14 there.
inline double digamma(double x) noexcept {
  double below = 0;
  for (; x < 12; ++x) below -= 1 / x;
  const double y = 1 / (x * x);
  return below + std::log(x) - 0.5 / x -
         y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
}

/// log N(x | mean, sd^2).
inline double normal_log_density(double x, double mean, double sd) noexcept {
  const double z = (x - mean) / sd;
  return -0.5 * z * z - std::log(sd) - 0.5 * std::log(2 * std::numbers::pi);
}

/// log IG(x | shape, scale): density proportional to x^(-shape-1) exp(-scale/x).
inline double inv_gamma_log_density(double x, double shape, double scale) noexcept {
  return shape * std::log(scale) - log_gamma(shape) - (shape + 1) * std::log(x) - scale / x;
}

/// z ~ N(0, I).
inline void fill_normal(VectorRef z, Rng& rng) noexcept {
  rng.normal({z.data(), as_size(z.size())});
}

/// One slice update of x (Neal 2003): stepping out with the given width, at most `steps` times,
/// then shrinkage. `log_density` may return -inf or NaN outside the support. Leaves the density
/// invariant whatever the width; returns x itself where its own density is not finite.
template <std::invocable<double> LogDensity>
double slice(double x, double width, const LogDensity& log_density, Rng& rng, int steps = 50) {
  const double here = log_density(x);
  if (!std::isfinite(here)) return x;
  const double level = here - rng.exponential();
  const auto inside = [&](double at) { return log_density(at) > level; };

  double left = x - width * rng.uniform();
  double right = left + width;
  // The budget of steps is split at random between the two ends, which keeps the update exact.
  int to_left = static_cast<int>(steps * rng.uniform());
  int to_right = steps - 1 - to_left;
  while (to_left-- > 0 && inside(left)) left -= width;
  while (to_right-- > 0 && inside(right)) right += width;

  while (true) {
    const double proposal = left + (right - left) * rng.uniform();
    if (inside(proposal)) return proposal;
    if (proposal == x || !(right - left > 0)) return x;
    (proposal < x ? left : right) = proposal;
  }
}

/// A guess where the mass of a density of one variable lies.
struct Bell {
  double centre;
  double scale;
};

/// One slice update of x in the coordinate u = F(x), F a t of 2 degrees of freedom at the bell
/// (Heiner, Dahl & Johnson 2024): where the density is about as wide as the bell, x hardly
/// remembers where it was. Exact wherever the bell is, so long as it does not depend on x.
template <std::invocable<double> LogDensity>
double slice(double x, const Bell& bell, const LogDensity& log_density, Rng& rng) {
  const double z = (x - bell.centre) / bell.scale;
  const double s = std::sqrt(2 + z * z);
  const double u = z < 0 ? 1 / (s * (s - z)) : 1 - 1 / (s * (s + z));
  // The density of u: that of t is proportional to (u (1 - u))^(3/2).
  const auto log_ratio = [&](double at, double v) {
    return log_density(at) - 1.5 * std::log(v * (1 - v));
  };
  const double here = log_ratio(x, u);
  if (!std::isfinite(here)) return x;
  const double level = here - rng.exponential();
  double left = 0;
  double right = 1;
  while (right - left > 0) {
    const double v = left + (right - left) * rng.uniform();
    const double proposal = bell.centre + bell.scale * (2 * v - 1) / std::sqrt(2 * v * (1 - v));
    if (log_ratio(proposal, v) > level) return proposal;
    if (v == u) return x;
    (v < u ? left : right) = v;
  }
  return x;
}

}  // namespace tarn
