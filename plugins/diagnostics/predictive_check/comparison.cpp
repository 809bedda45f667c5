// Tails and intervals of replicates.
#include "comparison.hpp"

#include <numeric>

#include "parts.hpp"

namespace tarn::predictive_check {

Comparison compare(double data, std::vector<double> replicates) {
  std::ranges::sort(replicates);
  const double n = static_cast<double>(replicates.size());
  Comparison result{.data = data};
  result.mean = std::accumulate(replicates.begin(), replicates.end(), 0.0) / n;
  result.lower = quantile(replicates, 0.025);
  result.upper = quantile(replicates, 0.975);
  const auto [first, last] = std::equal_range(replicates.begin(), replicates.end(), data);
  result.p =
      (static_cast<double>(replicates.end() - last) + 0.5 * static_cast<double>(last - first)) / n;
  return result;
}

std::vector<std::string> comparison_columns() {
  return {"data", "replicates", "lower", "upper", "p"};
}

void add_row(ReportTable& table, const std::string& label, const Comparison& c) {
  table.rows.push_back(label);
  table.values.insert(table.values.end(), {c.data, c.mean, c.lower, c.upper, c.p});
}

}  // namespace tarn::predictive_check
