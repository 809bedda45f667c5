// The t distribution as a normal over the root of a chi-square.
#include "wide_tail.hpp"

#include <cmath>
#include <numbers>

#include <tarn/distributions.hpp>

namespace {
constexpr double nu = 4;
constexpr double scale = 2;
}  // namespace

tarn::Vector WideTail::draw(tarn::Rng& rng) const {
  tarn::Vector w(dimensions);
  rng.normal({w.data(), static_cast<std::size_t>(dimensions)});
  return w * (scale / std::sqrt(rng.chi_squared(nu) / nu));
}

double WideTail::density(const tarn::Vector& w) const {
  const auto d = static_cast<double>(dimensions);
  const double log_constant = tarn::log_gamma((nu + d) / 2) - tarn::log_gamma(nu / 2) -
                              0.5 * d * std::log(nu * std::numbers::pi) - d * std::log(scale);
  return std::exp(log_constant -
                  0.5 * (nu + d) * std::log1p(w.squaredNorm() / (scale * scale * nu)));
}
