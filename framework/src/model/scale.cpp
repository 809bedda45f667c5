// Updates of standard deviations.
#include "tarn/scale.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "tarn/distributions.hpp"
#include "tarn/error.hpp"

namespace tarn {

double draw_scale(const ParameterPrior& prior, double count, double squares, double current,
                  Rng& rng) {
  if (const auto conjugate = prior.conjugate()) {
    const auto [shape, scale] = *conjugate;
    return std::sqrt(rng.inv_gamma(shape + count / 2, scale + squares / 2));
  }
  const auto log_density = [&](double x) {  // x = log s; + x is the Jacobian
    const double s = std::exp(x);
    return prior.log_density(s) + x - count * x - 0.5 * squares / (s * s);
  };
  // Without a prior log s has a standard deviation of about 1 / sqrt(2 count).
  const double width = std::min(2.0, 3 / std::sqrt(2 * (count + 1)));
  return std::exp(slice(std::log(current), width, log_density, rng));
}

double start_scale(const ParameterPrior& prior, double guess, Rng& rng) {
  double centre = guess;
  if (prior.density.proper()) {
    // The median of three draws is not lost in a heavy tail.
    double a = prior.draw(rng), b = prior.draw(rng);
    if (a > b) std::swap(a, b);
    const double believed = std::clamp(prior.draw(rng), a, b);
    const double weight = std::floor(3 * rng.uniform()) / 2;  // 0, 1/2 or 1
    // A prior such as inv_gamma(0.001, 0.001) believes in 1e100, from where no sampler comes back.
    centre =
        guess > 0 ? guess * std::pow(std::clamp(believed / guess, 1e-3, 1e3), weight) : believed;
  }
  const double start = centre * std::exp(rng.normal());
  if (std::isfinite(prior.log_density(start))) return start;
  // Only a uniform prior has an end that the guess can miss.
  const Density& density = prior.density;
  const double inside =
      density.lower() + (density.upper() - density.lower()) * (0.1 + 0.8 * rng.uniform());
  return prior.on_square ? std::sqrt(inside) : inside;
}

void check_groups(const ParameterPrior& sd, Eigen::Index groups) {
  if (sd.density.proper() || groups >= (sd.on_square ? 4 : 3)) return;
  throw InputError("with the flat prior '" + sd.text() + "' and only " + std::to_string(groups) +
                   " groups the posterior is improper; give it a proper prior such as half_normal");
}

}  // namespace tarn
