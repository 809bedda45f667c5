// Tables of a report by the names of their rows and columns.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include "tarn/diagnostic.hpp"

namespace tarn::test {

inline const ReportTable& table(const Report& report, const std::string& name) {
  const auto found = std::ranges::find(report.tables(), name, &ReportTable::name);
  if (found == report.tables().end()) throw std::out_of_range("no table " + name);
  return *found;
}

inline double at(const ReportTable& table, const std::string& row, const std::string& column) {
  const auto r = std::ranges::find(table.rows, row) - table.rows.begin();
  const auto c = std::ranges::find(table.columns, column) - table.columns.begin();
  if (r == std::ssize(table.rows) || c == std::ssize(table.columns)) {
    throw std::out_of_range("no " + row + ", " + column + " in table " + table.name);
  }
  return table.at(static_cast<std::size_t>(r), static_cast<std::size_t>(c));
}

}  // namespace tarn::test
