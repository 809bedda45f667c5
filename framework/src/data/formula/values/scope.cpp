// Looks up columns by name and refuses those that cannot be used, in words.
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

}  // namespace tarn::formula
