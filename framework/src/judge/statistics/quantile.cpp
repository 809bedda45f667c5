// Quantiles, of sorted numbers and of others.
#include "tarn/statistics/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tarn/index.hpp"

namespace tarn::statistics {
namespace {

/// Where a quantile lies: at the order statistic `at`, counted from 0, or beyond it.
struct Place {
  Place(std::size_t count, double probability) {
    const double position = 1 + static_cast<double>(count - 1) * probability;  // from 1, as in R
    const double below = std::floor(position);
    at = static_cast<std::size_t>(below) - 1;
    fraction = position - below;
  }

  double between(double left, double right) const {
    return right == left ? left : (1 - fraction) * left + fraction * right;
  }

  std::size_t at;
  double fraction;
};

}  // namespace

double quantile(std::span<const double> ascending, double probability) {
  const Place place(ascending.size(), probability);
  const double left = ascending[place.at];
  return place.fraction > 0 ? place.between(left, ascending[place.at + 1]) : left;
}

double select_quantile(std::span<double> x, double probability) {
  const Place place(x.size(), probability);
  const auto at = x.begin() + as_index(place.at);
  std::nth_element(x.begin(), at, x.end());
  return place.fraction > 0 ? place.between(*at, *std::min_element(at + 1, x.end())) : *at;
}

double median(std::span<const double> ascending) {
  const std::size_t half = ascending.size() / 2;
  if (ascending.size() % 2 == 1) return ascending[half];
  const double sum = ascending[half - 1] + ascending[half];
  if (std::isfinite(sum)) return sum / 2;
  return ascending[half - 1] / 2 + ascending[half] / 2;
}

}  // namespace tarn::statistics
