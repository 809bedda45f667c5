// Drops of a log density along axes, and the split t.
#include "split_t.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <tarn/distributions.hpp>

namespace tarn::collapsed {
namespace {

/// How far from a normal's a scale may be: beyond, a drop is rounding or a cut.
constexpr double narrowest = 0.2;
constexpr double widest = 5;

/// The scale along one half axis.
double scale(const SplitT::LogDensity& log_density, double peak, const Vector& direction) {
  double slowest = narrowest;
  for (const double step : {1.0, 2.0, 3.0}) {
    const double drop = peak - log_density(step * direction);
    if (std::isnan(drop)) continue;
    // A normal density of scale s has dropped by step^2 / (2 s^2).
    slowest = std::max(slowest, drop > 0 ? step / std::sqrt(2 * drop) : widest);
  }
  return std::min(slowest, widest);
}

}  // namespace

SplitT::SplitT(double nu, Point below, Point above)
    : nu_(nu), below_(std::move(below)), above_(std::move(above)) {
  const auto d = static_cast<double>(below_.size());
  log_constant_ = log_gamma((nu + d) / 2) - log_gamma(nu / 2) -
                  0.5 * d * std::log(nu * std::numbers::pi) -
                  (0.5 * (below_ + above_)).array().log().sum();
}

SplitT SplitT::around_origin(double nu, Eigen::Index dimensions, const LogDensity& log_density) {
  const double peak = log_density(Vector::Zero(dimensions));
  Point below(dimensions);
  Point above(dimensions);
  for (Eigen::Index k = 0; k < dimensions; ++k) {
    below[k] = scale(log_density, peak, -Vector::Unit(dimensions, k));
    above[k] = scale(log_density, peak, Vector::Unit(dimensions, k));
  }
  return {nu, std::move(below), std::move(above)};
}

Point SplitT::draw(Rng& rng) const {
  Point w(below_.size());
  rng.normal({w.data(), as_size(w.size())});
  w /= std::sqrt(rng.chi_squared(nu_) / nu_);
  for (Eigen::Index k = 0; k < w.size(); ++k) {
    const bool up = rng.uniform() * (below_[k] + above_[k]) < above_[k];
    w[k] = up ? above_[k] * std::abs(w[k]) : -below_[k] * std::abs(w[k]);
  }
  return w;
}

double SplitT::log_density(const Point& w) const {
  double squares = 0;
  for (Eigen::Index k = 0; k < w.size(); ++k) {
    const double e = w[k] / (w[k] < 0 ? below_[k] : above_[k]);
    squares += e * e;
  }
  const auto d = static_cast<double>(w.size());
  return log_constant_ - 0.5 * (nu_ + d) * std::log1p(squares / nu_);
}

}  // namespace tarn::collapsed
