// Pareto-smoothed importance sampling, as R's loo does it.
#include "tarn/pareto.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace tarn {
namespace {

constexpr double unknown_shape = std::numeric_limits<double>::infinity();

/// Fewer ratios than this say nothing about a tail.
constexpr std::size_t shortest_tail = 5;

std::size_t tail_length(std::size_t ratios, double relative_efficiency) {
  const auto s = static_cast<double>(ratios);
  return static_cast<std::size_t>(
      std::ceil(std::min(0.2 * s, 3 * std::sqrt(s / relative_efficiency))));
}

/// The mean of log(1 + factor x), positive numbers all: products of a few take one logarithm.
double mean_log1p(double factor, std::span<const double> x) {
  double sum = 0;
  double product = 1;
  for (const double value : x) {
    product *= 1 + factor * value;
    if (product > 1e8 || product < 1e-8) {
      sum += std::log(product);
      product = 1;
    }
  }
  return (sum + std::log(product)) / static_cast<double>(x.size());
}

}  // namespace

double GeneralisedPareto::quantile(double p) const {
  return k == 0 ? -sigma * std::log1p(-p) : sigma * std::expm1(-k * std::log1p(-p)) / k;
}

GeneralisedPareto fit_generalised_pareto(std::span<const double> ascending) {
  const auto n = static_cast<double>(ascending.size());
  const double greatest = ascending.back();
  const double quartile = ascending[static_cast<std::size_t>(n / 4 + 0.5) - 1];
  // theta = -k / sigma on a grid of points, weighted by the profile likelihood.
  const double points = 30 + std::floor(std::sqrt(n));
  std::vector<double> theta;
  std::vector<double> log_likelihood;
  for (double j = 1; j <= points; ++j) {
    const double t = 1 / greatest + (1 - std::sqrt(points / (j - 0.5))) / (3 * quartile);
    const double k = mean_log1p(-t, ascending);
    theta.push_back(t);
    log_likelihood.push_back(n * (std::log(-t / k) - k - 1));
  }
  const double peak = *std::ranges::max_element(log_likelihood);
  double total = 0;
  double sum = 0;
  for (std::size_t j = 0; j < theta.size(); ++j) {
    const double weight = std::exp(log_likelihood[j] - peak);
    total += weight;
    sum += weight * theta[j];
  }
  const double t = sum / total;
  const double k = mean_log1p(-t, ascending);
  const double shape = (k * n + 10 * 0.5) / (n + 10);
  return {std::isnan(shape) ? unknown_shape : shape, -k / t};
}

Eigen::ArrayXd SmoothedRatios::weights() const {
  const Eigen::ArrayXd raw = log_ratios.exp();
  return raw / raw.sum();
}

SmoothedRatios smooth_ratios(const Eigen::ArrayXd& log_ratios, double relative_efficiency) {
  SmoothedRatios smoothed{log_ratios - log_ratios.maxCoeff(), unknown_shape};
  const auto size = as_size(log_ratios.size());
  const std::size_t length = tail_length(size, relative_efficiency);
  if (length < shortest_tail || length >= size) return smoothed;

  // The tail alone needs an order, and the ratio before it: a heap of so many, the least on top.
  using Ratio = std::pair<double, Eigen::Index>;
  std::vector<Ratio> tail;
  for (Eigen::Index i = 0; i < log_ratios.size(); ++i) {
    const Ratio ratio{smoothed.log_ratios[i], i};
    if (tail.size() <= length) {
      tail.push_back(ratio);
      std::ranges::push_heap(tail, std::greater{});
    } else if (ratio > tail.front()) {
      std::ranges::pop_heap(tail, std::greater{});
      tail.back() = ratio;
      std::ranges::push_heap(tail, std::greater{});
    }
  }
  std::ranges::sort(tail);

  const double cutoff = std::exp(tail.front().first);
  std::vector<double> excess;
  for (std::size_t i = 1; i <= length; ++i) excess.push_back(std::exp(tail[i].first) - cutoff);
  if (!(excess.back() - excess.front() > 0)) return smoothed;
  const GeneralisedPareto fitted = fit_generalised_pareto(excess);
  smoothed.k = fitted.k;
  if (!std::isfinite(fitted.k)) return smoothed;
  for (std::size_t i = 0; i < length; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(length);
    smoothed.log_ratios[tail[i + 1].second] = std::min(std::log(fitted.quantile(p) + cutoff), 0.0);
  }
  return smoothed;
}

double reliable_pareto_k(double draws) { return std::min(1 - 1 / std::log10(draws), 0.7); }

}  // namespace tarn
