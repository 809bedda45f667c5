// Coefficient tables of one fit or of several, for a paper.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "answers/estimates.hpp"

namespace tarn::launcher {

/// What one fit gives to the table.
struct TableFit {
  std::string title;
  std::size_t rows_used;
  std::size_t draws;  // of all chains
  std::vector<std::string> names;
  std::vector<Estimate> estimates;
};

/// One fit: mean, sd and interval in columns. Several: a column for each, `mean [lower, upper]`.
/// Rows are parameters, in the order of the fits; the last tells rows and draws.
std::string markdown_table(const std::vector<TableFit>& fits, const Interval& interval);
std::string latex_table(const std::vector<TableFit>& fits, const Interval& interval);

}  // namespace tarn::launcher
