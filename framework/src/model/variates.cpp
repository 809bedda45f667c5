// Draws of counts and proportions.
#include "tarn/variates.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <boost/random/beta_distribution.hpp>
#include <boost/random/binomial_distribution.hpp>
#include <boost/random/poisson_distribution.hpp>

namespace tarn {
namespace {

constexpr double most_exact = 1e15;

}  // namespace

double draw_poisson(double mean, Rng& rng) {
  if (!(mean > 0) || std::isinf(mean)) return mean;
  if (mean > most_exact) return std::round(mean + std::sqrt(mean) * rng.normal());
  return static_cast<double>(boost::random::poisson_distribution<std::int64_t>(mean)(rng));
}

double draw_positive_poisson(double mean, Rng& rng) {
  if (std::isnan(mean) || std::isinf(mean)) return mean;
  // The first event of a process of rate 1, given that it comes before `mean`, and those after it.
  const double first = -std::log1p(rng.uniform() * std::expm1(-mean));
  return 1 + draw_poisson(std::max(0.0, mean - first), rng);
}

double draw_logarithmic(double p, Rng& rng) {
  // Kemp (1981), algorithm LK.
  p = std::min(p, 1 - std::numeric_limits<double>::epsilon());
  const double r = std::log1p(-p);
  while (true) {
    const double v = rng.uniform();
    if (v >= p) return 1;
    const double q = -std::expm1(r * rng.uniform());
    if (v > q) return 1;
    if (v > q * q) return 2;
    const double k = std::floor(1 + std::log(v) / std::log(q));
    if (k >= 1 && std::isfinite(k)) return k;
  }
}

double draw_binomial(double trials, double probability, Rng& rng) {
  if (std::isnan(probability)) return probability;
  if (trials == 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (trials > most_exact) {
    const double sd = std::sqrt(trials * probability * (1 - probability));
    return std::clamp(std::round(trials * probability + sd * rng.normal()), 0.0, trials);
  }
  return static_cast<double>(boost::random::binomial_distribution<std::int64_t>(
      static_cast<std::int64_t>(trials), probability)(rng));
}

double draw_beta(double a, double b, Rng& rng) {
  // Shapes, and both of the gamma variates, can be 0 to a double: a coin then, which is the limit.
  double y = std::numeric_limits<double>::quiet_NaN();
  if (a > 0 && b > 0) y = boost::random::beta_distribution<double>(a, b)(rng);
  if (std::isnan(y)) y = rng.uniform() * (a + b) < a ? 1 : 0;
  return std::clamp(y, std::numeric_limits<double>::min(),
                    1 - std::numeric_limits<double>::epsilon() / 2);
}

double draw_gamma(double shape, double mean, Rng& rng) {
  return std::max(mean / shape * rng.gamma(shape), std::numeric_limits<double>::min());
}

}  // namespace tarn
