// Weights and distances of power-scaled posteriors.
#include "power_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tarn/pareto.hpp"

namespace tarn::power_scaling {
namespace {

/// Both parts of the divergence between distribution functions p and q, constant over intervals of
/// these widths, over their upper bound.
double divergence(const Eigen::ArrayXd& widths, const Eigen::ArrayXd& p, const Eigen::ArrayXd& q) {
  // p log2(p / m) + q log2(q / m): the terms that make each part positive by itself cancel.
  double sum = 0;
  for (Eigen::Index i = 0; i < widths.size(); ++i) {
    const double mean = 0.5 * (p[i] + q[i]);
    if (p[i] > 0) sum += widths[i] * p[i] * std::log2(p[i] / mean);
    if (q[i] > 0) sum += widths[i] * q[i] * std::log2(q[i] / mean);
  }
  return sum / (widths * (p + q)).sum();
}

}  // namespace

Scaled power_scale(const Eigen::ArrayXd& log_component, double alpha) {
  const Eigen::ArrayXd log_ratios = (alpha - 1) * (log_component - log_component.maxCoeff());
  const auto count = static_cast<double>(log_ratios.size());
  if (log_ratios.maxCoeff() - log_ratios.minCoeff() < 1e-12) {
    return {Eigen::ArrayXd::Constant(log_ratios.size(), 1 / count), 0};
  }
  const SmoothedRatios smoothed = smooth_ratios(log_ratios);
  return {smoothed.weights(), smoothed.k};
}

Quantity::Quantity(const Vector& draws) : draws_(draws), order_(as_size(draws.size())) {
  std::iota(order_.begin(), order_.end(), Eigen::Index{0});
  std::ranges::sort(order_, {}, [&](Eigen::Index i) { return draws[i]; });
  const Vector sorted = draws(order_);
  widths_ = sorted.tail(sorted.size() - 1) - sorted.head(sorted.size() - 1);
}

double Quantity::distance(const Eigen::ArrayXd& weights) const {
  if (!(widths_.sum() > 0)) return 0;
  const auto count = static_cast<double>(draws_.size());
  Eigen::ArrayXd p(widths_.size());
  Eigen::ArrayXd q(widths_.size());
  double below = 0;
  for (Eigen::Index i = 0; i < widths_.size(); ++i) {
    below += weights[order_[as_size(i)]];
    p[i] = static_cast<double>(i + 1) / count;
    q[i] = std::min(below, 1.0);
  }
  const double up = divergence(widths_, p, q);
  const double down = divergence(widths_, 1 - p, 1 - q);
  return std::sqrt(std::max({up, down, 0.0}));
}

double Quantity::mean(const Eigen::ArrayXd& weights) const {
  return (weights * draws_.array()).sum();
}

double Quantity::sd(const Eigen::ArrayXd& weights) const {
  return std::sqrt((weights * (draws_.array() - mean(weights)).square()).sum());
}

double sensitivity(const Quantity& quantity, const Scaled& lower, const Scaled& upper) {
  return (quantity.distance(lower.weights) + quantity.distance(upper.weights)) /
         (2 * std::log2(upper_alpha));
}

}  // namespace tarn::power_scaling
