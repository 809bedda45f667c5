// What independent draws of an approximation are worth.
#include "approximation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "tarn/index.hpp"

namespace tarn::convergence {
namespace {

constexpr std::string_view worth_name = "importance_ess", k_name = "pareto_k",
                           reweighted_name = "reweighted";

/// A statistic of all draws, one column per chain.
Matrix read(const Draws& statistics, std::string_view name) {
  const auto block = statistics.layout().find(name);
  if (!block) return {};
  Matrix x(as_index(statistics.chains() * statistics.draws()), 1);
  statistics.read(*block, 0, x);
  x.resize(as_index(statistics.draws()), as_index(statistics.chains()));
  return x;
}

}  // namespace

std::vector<std::string_view> approximation_statistics() {
  return {worth_name, k_name, reweighted_name};
}

std::optional<Approximation> approximation_of(const Draws* statistics) {
  if (statistics == nullptr) return std::nullopt;
  const Matrix points = read(*statistics, worth_name);
  if (points.size() == 0) return std::nullopt;
  const Matrix k = read(*statistics, k_name);
  const Matrix reweighted = read(*statistics, reweighted_name);
  const auto draws = static_cast<double>(points.rows());
  double worth = 0;
  for (const auto chain : points.colwise()) worth += 1 / (1 / chain.minCoeff() + 1 / draws);
  return Approximation{k.size() > 0 ? k.maxCoeff() : std::numeric_limits<double>::infinity(),
                       reweighted.size() > 0 && reweighted.minCoeff() > 0.5, worth};
}

void restate(ReportTable& parameters, const Approximation& of, std::size_t draws) {
  const double longer = std::sqrt(static_cast<double>(draws) / of.worth);
  const std::size_t width = parameters.columns.size();
  const auto mean =
      as_size(std::ranges::find(parameters.columns, "sd") - parameters.columns.begin());
  for (std::size_t row = 0; row < parameters.rows.size(); ++row) {
    double* const values = parameters.values.data() + row * width;
    for (std::size_t k = 0; k < width; ++k) {
      const std::string& column = parameters.columns[k];
      if (column == "rhat") {
        values[k] = std::numeric_limits<double>::quiet_NaN();
      } else if (column == "mcse_mean") {
        values[k] = values[mean] / std::sqrt(of.worth);
      } else if (column.starts_with("mcse_")) {
        values[k] *= longer;
      } else if (column.starts_with("ess_") && !std::isnan(values[k])) {
        values[k] = of.worth;
      }
    }
  }
}

}  // namespace tarn::convergence
