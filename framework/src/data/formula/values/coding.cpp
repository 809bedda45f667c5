// Contrasts: from the levels of a factor to the values of columns.
#include "data/formula/values/factor.hpp"

namespace tarn::formula {

std::vector<double> coded_values(const Coding& coding, std::size_t n, bool full,
                                 std::size_t column) {
  std::vector<double> values(n, 0);
  if (full) {
    values[column] = 1;
  } else if (coding.name == "sum") {
    // Deviations from the mean of the levels; the last level is minus the sum of the others.
    values[column] = 1;
    values[n - 1] = -1;
  } else if (coding.name == "helmert") {
    // Each level against the mean of those before it.
    for (std::size_t i = 0; i <= column; ++i) values[i] = -1;
    values[column + 1] = static_cast<double>(column + 1);
  } else {
    values[column < coding.reference ? column : column + 1] = 1;
  }
  return values;
}

std::vector<std::string> coded_labels(const Coding& coding, const std::vector<std::string>& levels,
                                      bool full) {
  std::vector<std::string> labels;
  const bool numbered = !full && coding.name != "treatment";
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (numbered && i + 1 < levels.size()) labels.push_back(std::to_string(i + 1));
    if (!numbered && (full || i != coding.reference)) labels.push_back(levels[i]);
  }
  return labels;
}

}  // namespace tarn::formula
