// Where knots and cuts are put.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace tarn::formula {

/// R's quantile of type 7 (Hyndman & Fan 1996), of values in order.
inline double quantile_of(std::span<const double> sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace tarn::formula
