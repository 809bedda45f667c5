// lme4's fits of classic data sets, and the same formulas as typed in tarn.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace tarn::test {

inline std::shared_ptr<const Table> read_shared(const std::string& path) {
  return io::read_table(std::vector<std::string>{shared(path)});
}

inline const std::string& text(const Table& table, const std::string& column, std::size_t row) {
  const Column& c = table.at(column);
  return c.levels[static_cast<std::size_t>(c.codes[row])];
}

/// Estimates by the names that lme4 gives them.
using Estimates = std::map<std::string, double>;

/// Of the fits by one `method` ("TRUE": REML; "OLS"), by data set and formula.
inline std::map<std::pair<std::string, std::string>, Estimates> lme4_fits(
    const std::string& method = "TRUE", const std::string& column = "estimate") {
  const auto table = read_shared("reference/lme4.csv");
  std::map<std::pair<std::string, std::string>, Estimates> all;
  for (std::size_t i = 0; i < table->rows; ++i) {
    if (text(*table, "REML", i) != method) continue;
    all[{text(*table, "dataset", i), text(*table, "formula", i)}][text(*table, "parameter", i)] =
        table->at(column).numbers[i];
  }
  return all;
}

/// As typed in tarn: R has Diet as a factor, whose levels are numbers in a file.
inline std::string typed(std::string formula) {
  if (const auto at = formula.find("Diet"); at != std::string::npos) {
    formula.replace(at, 4, "factor(Diet)");
  }
  return formula;
}

inline Design lme4_design(const std::string& dataset, const std::string& formula) {
  // The flat priors that make the mode lme4's are meant at 0.
  const FormulaOptions options{.center_groups = false};
  return make_design(typed(formula), read_shared("datasets/" + dataset + ".csv"), options).design;
}

}  // namespace tarn::test
