// Small tables for the tests of formulas.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tarn/error.hpp"
#include "tarn/formula.hpp"

namespace tarn::test {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct NamedColumn {
  std::string name;
  std::variant<std::vector<double>, std::vector<std::string>> cells;  // an empty text is missing
};

inline Column column_of(const NamedColumn& from) {
  Column column;
  column.name = from.name;
  if (const auto* numbers = std::get_if<std::vector<double>>(&from.cells)) {
    column.numbers = *numbers;
    column.missing = static_cast<std::size_t>(
        std::ranges::count_if(*numbers, [](double value) { return std::isnan(value); }));
    return column;
  }
  column.is_text = true;
  for (const std::string& cell : std::get<std::vector<std::string>>(from.cells)) {
    const auto found = std::ranges::find(column.levels, cell);
    column.codes.push_back(cell.empty() ? -1
                                        : static_cast<std::int32_t>(found - column.levels.begin()));
    if (cell.empty()) ++column.missing;
    if (!cell.empty() && found == column.levels.end()) column.levels.push_back(cell);
    if (!cell.empty() && column.first_text.empty()) {
      column.first_text = cell;
      column.first_text_line = column.codes.size() + 1;
    }
  }
  return column;
}

inline std::shared_ptr<Table> table_of(const std::vector<NamedColumn>& columns) {
  auto table = std::make_shared<Table>();
  table->source = "data.csv";
  for (const NamedColumn& column : columns) table->columns.push_back(column_of(column));
  const Column& first = table->columns.front();
  table->rows = first.is_text ? first.codes.size() : first.numbers.size();
  return table;
}

/// The message of the InputError, or `no error`.
inline std::string message_of(std::string_view formula, const std::shared_ptr<const Table>& table,
                              const FormulaOptions& options = {}) {
  try {
    make_design(formula, table, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace tarn::test
