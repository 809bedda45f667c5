// Draws that a sampler declares to be independent ones of an approximation.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "tarn/diagnostic.hpp"

namespace tarn::convergence {

/// Up to this shape of their tail importance ratios can be used as weights (Vehtari, Simpson,
/// Gelman, Yao & Gabry 2024).
constexpr double reliable_k = 0.7;

struct Approximation {
  double pareto_k;  // of the exact density's ratios to the approximation
  bool reweighted;  // resampled by those
  double worth;     // effective draws
};

std::vector<std::string_view> approximation_statistics();

/// None where the draws are those of chains. Draws of a chain are resampled with replacement from
/// points that are worth S independent ones: N of them are worth 1 / (1 / S + 1 / N).
std::optional<Approximation> approximation_of(const Draws* statistics);

/// What chains would be compared by is left open, and draws that are points twice count once.
void restate(ReportTable& parameters, const Approximation& of, std::size_t draws);

}  // namespace tarn::convergence
