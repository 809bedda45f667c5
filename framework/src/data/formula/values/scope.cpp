// Columns by name, and their faults in words.
#include "data/formula/values/scope.hpp"

#include <fmt/format.h>

#include "data/formula/language/token.hpp"

namespace tarn::formula {

const Column& column_at(const Node& name, std::string_view formula, const Table& table) {
  if (const Column* const column = table.find(name.text)) return *column;
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  fail_at(formula, name.at,
          unknown_column(name.text, names, table.source.empty() ? "the data" : table.source));
}

std::string first_text(const Column& column) {
  if (column.first_text_line == 0) return "its whole numbers are too long to compute with";
  std::string place = fmt::format("line {}", column.first_text_line);
  if (!column.first_text_file.empty()) place += " of " + column.first_text_file;
  return fmt::format("{} says '{}'", place, column.first_text);
}

std::string holds_text(const Column& column) {
  return fmt::format("column '{}' holds text: {}", column.name, first_text(column));
}

}  // namespace tarn::formula
