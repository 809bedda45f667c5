// Leapfrog steps whose free flight is a rotation.
#include "latents.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <tarn/distributions.hpp>

namespace tarn::pivot {

double rotate(PivotPlace& place, int kicks, Latents& now, Rng& rng) {
  // Angles vary, so that no path is closed.
  const double angle = std::numbers::pi / 2 * (0.85 + 0.3 * rng.uniform());
  const double step = angle / kicks;
  const double c = std::cos(step);
  const double s = std::sin(step);
  Vector xi = now.xi;
  Vector momentum(xi.size());
  fill_normal(momentum, rng);
  Vector gradient(xi.size());
  double value = now.log_density;
  const double before = momentum.squaredNorm() / 2 - value;
  place.gradient(xi, gradient);
  for (int k = 0; k < kicks; ++k) {
    momentum += step / 2 * (gradient + xi);
    const Vector turned = c * xi + s * momentum;
    momentum = c * momentum - s * xi;
    xi = turned;
    if (k + 1 < kicks) {
      place.gradient(xi, gradient);
    } else {
      value = place.log_density_gradient(xi, gradient);
    }
    if (!std::isfinite(value) || !gradient.allFinite()) return 0;
    momentum += step / 2 * (gradient + xi);
  }
  const double after = momentum.squaredNorm() / 2 - value;
  const double probability = std::isnan(after) ? 0 : std::exp(std::min(0.0, before - after));
  if (rng.uniform() < probability) {
    now.xi = xi;
    now.log_density = value;
  }
  return probability;
}

}  // namespace tarn::pivot
