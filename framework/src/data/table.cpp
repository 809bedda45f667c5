// Look-up of columns.
#include "tarn/table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/error.hpp"
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
  return fmt::format("there is no column '{}' in {}; {}its columns are {}", name, source,
                     did_you_mean(name, columns), list_of(columns));
}

}  // namespace tarn
