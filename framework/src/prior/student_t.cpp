// Student's t with location and scale.
#include "prior/student_t.hpp"

#include <cmath>
#include <numbers>

#include "tarn/distributions.hpp"

namespace tarn {

double student_t_log_density(double x, double nu, double location, double scale) {
  const double z = (x - location) / scale;
  return log_gamma((nu + 1) / 2) - log_gamma(nu / 2) - 0.5 * std::log(nu * std::numbers::pi) -
         std::log(scale) - (nu + 1) / 2 * std::log1p(z * z / nu);
}

double student_t_score(double x, double nu, double location, double scale) {
  const double d = x - location;
  return -(nu + 1) * d / (nu * scale * scale + d * d);
}

double student_t_draw(double nu, Rng& rng) {
  const double z = rng.normal();
  return z / std::sqrt(rng.chi_squared(nu) / nu);
}

}  // namespace tarn
