// Draws are shared out to a fine grid, which is then smoothed: the cost does not grow with kernels.
#include "tarn/statistics/kernel_density.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "tarn/index.hpp"
#include "tarn/statistics/order.hpp"
#include "tarn/statistics/quantile.hpp"

namespace tarn::statistics {
namespace {

constexpr std::size_t bins = 513;
constexpr std::size_t every = 4;      // of the grid's points make the curve
constexpr double kernel_reach = 4;    // in widths
constexpr double tail = 0.002;        // beyond these quantiles a curve shows nothing
constexpr double tail_margin = 0.25;  // but so much of the range between them

double silverman(std::span<const double> ascending) {
  const auto n = static_cast<double>(ascending.size());
  double mean = 0, squares = 0;
  for (const double x : ascending) mean += x / n;
  for (const double x : ascending) squares += (x - mean) * (x - mean);
  const double sd = std::sqrt(squares / (n - 1));
  const double iqr = (quantile(ascending, 0.75) - quantile(ascending, 0.25)) / 1.34;
  return 0.9 * (iqr > 0 ? std::min(sd, iqr) : sd) * std::pow(n, -0.2);
}

/// Weights of the draws on the grid, each shared by its two neighbours.
std::vector<double> binned(std::span<const double> ascending, double low, double step) {
  std::vector<double> weight(bins, 0);
  for (const double x : ascending) {
    const double place = (x - low) / step;
    if (place < 0 || place > static_cast<double>(bins - 1)) continue;
    const std::size_t left = std::min(static_cast<std::size_t>(place), bins - 2);
    const double share = place - static_cast<double>(left);
    weight[left] += 1 - share;
    weight[left + 1] += share;
  }
  return weight;
}

}  // namespace

Curve kernel_density(std::span<const double> ascending, double lower, double upper) {
  const double width = silverman(ascending);
  const double first = quantile(ascending, tail), last = quantile(ascending, 1 - tail);
  const double margin = tail_margin * (last - first);
  const double low = std::max({lower, ascending.front() - 3 * width, first - margin - 3 * width});
  const double high = std::min({upper, ascending.back() + 3 * width, last + margin + 3 * width});
  const double step = (high - low) / static_cast<double>(bins - 1);
  const std::vector<double> weight = binned(ascending, low, step);

  const auto total = static_cast<double>(ascending.size());
  const double scale = 1 / (total * width * std::sqrt(2 * std::numbers::pi));
  const auto reach = static_cast<std::ptrdiff_t>(std::ceil(kernel_reach * width / step));
  const auto end = as_index(bins) - 1;
  Curve curve;
  for (std::ptrdiff_t i = 0; i <= end; i += every) {
    double sum = 0;
    for (std::ptrdiff_t j = i - reach; j <= i + reach; ++j) {
      // Beyond an end of the support lies the mirror's image of what is within.
      std::ptrdiff_t at = j;
      if (at < 0 && low == lower) at = -at;
      if (at > end && high == upper) at = 2 * end - at;
      if (at < 0 || at > end) continue;
      const double z = static_cast<double>(i - j) * step / width;
      sum += weight[as_size(at)] * std::exp(-0.5 * z * z);
    }
    curve.x.push_back(low + static_cast<double>(i) * step);
    curve.density.push_back(scale * sum);
  }
  return curve;
}

}  // namespace tarn::statistics
