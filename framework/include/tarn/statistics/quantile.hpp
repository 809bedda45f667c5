// Quantiles between order statistics.
#pragma once

#include <span>

namespace tarn::statistics {

/// R's quantile of type 7 (Hyndman & Fan 1996); to the bit, as indicators x <= q depend on it.
double quantile(std::span<const double> ascending, double probability);

/// The same of numbers in any order, which it changes.
double select_quantile(std::span<double> x, double probability);

/// R's median, to the bit: folding about it makes ties.
double median(std::span<const double> ascending);

}  // namespace tarn::statistics
