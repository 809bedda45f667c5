// Look-up of columns.
#include "tarn/table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn {

const Column* Table::find(std::string_view name) const noexcept {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [name](const Column& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

const Column& Table::at(std::string_view name) const {
  if (const Column* const column = find(name)) return *column;
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  throw InputError(unknown_column(name, names, source));
}

std::string unknown_column(std::string_view name, std::span<const std::string> columns,
                           std::string_view source) {
  return fmt::format("there is no column '{}' in {}; {}its columns are {}", shown(name), source,
                     did_you_mean(name, columns), list_of(columns));
}

Table rows_of(const Table& table, std::span<const std::string> columns,
              std::span<const std::size_t> row_numbers) {
  Table result;
  result.rows = row_numbers.size();
  result.source = table.source;
  result.sha256 = table.sha256;
  const bool all = result.rows == table.rows;
  for (const std::string& name : columns) {
    const Column& from = table.at(name);
    if (all) {
      result.columns.push_back(from);
      continue;
    }
    Column column;
    column.name = from.name;
    column.is_text = from.is_text;
    if (!from.is_text) {
      column.numbers.reserve(result.rows);
      for (const std::size_t row : row_numbers) column.numbers.push_back(from.numbers[row - 1]);
      result.columns.push_back(std::move(column));
      continue;
    }
    constexpr std::int32_t unmet = -1;
    std::vector<std::int32_t> code(from.levels.size(), unmet);
    for (const std::size_t row : row_numbers) {
      if (from.codes[row - 1] < 0) {  // missing
        column.codes.push_back(-1);
        continue;
      }
      std::int32_t& here = code[as_size(from.codes[row - 1])];
      if (here == unmet) {
        here = static_cast<std::int32_t>(column.levels.size());
        column.levels.push_back(from.levels[as_size(from.codes[row - 1])]);
      }
      column.codes.push_back(here);
    }
    result.columns.push_back(std::move(column));
  }
  return result;
}

}  // namespace tarn
