// Rows of the table, by name.
#include "prior/density_table.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <mutex>

#include <fmt/format.h>

namespace tarn {
namespace {

struct DensityTable {
  std::deque<DensityType> rows;  // a deque does not move what it holds
  std::size_t own = 0;           // the first so many are tarn's
  std::mutex mutex;

  DensityTable() {
    for (auto& some :
         {real_densities(), positive_densities(), interval_densities(), block_densities()}) {
      rows.insert(rows.end(), some.begin(), some.end());
    }
    own = rows.size();
  }

  /// The last of its name.
  const DensityType* find(std::string_view name) const {
    const auto found = std::find_if(rows.rbegin(), rows.rend(),
                                    [&](const DensityType& row) { return row.name == name; });
    return found == rows.rend() ? nullptr : &*found;
  }
};

DensityTable& density_table() {
  static DensityTable table;
  return table;
}

bool same_functions(const DensityType& a, const DensityType& b) {
  return a.log_density == b.log_density && a.score == b.score && a.draw == b.draw &&
         a.ends == b.ends && a.wrong == b.wrong && a.block.log_density == b.block.log_density &&
         a.block.draw == b.block.draw;
}

}  // namespace

const DensityType* find_density(std::string_view name) {
  DensityTable& table = density_table();
  const std::lock_guard lock(table.mutex);
  return table.find(name);
}

bool is_own_density(std::string_view name) {
  DensityTable& table = density_table();
  const std::lock_guard lock(table.mutex);
  const auto end = table.rows.begin() + as_index(table.own);
  return std::any_of(table.rows.begin(), end,
                     [&](const DensityType& row) { return row.name == name; });
}

std::vector<std::string> density_names() {
  DensityTable& table = density_table();
  const std::lock_guard lock(table.mutex);
  std::vector<std::string> names;
  for (const DensityType& row : table.rows) {
    if (std::ranges::find(names, row.name) == names.end()) names.push_back(row.name);
  }
  return names;
}

std::vector<std::string> density_names(Support support) {
  std::vector<std::string> names;
  for (const std::string& name : density_names()) {
    const DensityType& row = *find_density(name);
    if ((row.support == support && row.proper) || row.ends != nullptr) names.push_back(name);
  }
  return names;
}

void add_density(const DensityType& type) {
  DensityTable& table = density_table();
  const std::lock_guard lock(table.mutex);
  const DensityType* const now = table.find(type.name);
  if (now == nullptr || !same_functions(*now, type)) table.rows.push_back(type);
}

std::string usage(const DensityType& type) {
  std::string arguments;
  for (const DensityArgument& argument : type.arguments) {
    arguments += (arguments.empty() ? "" : ", ") + argument.name;
  }
  return fmt::format("{}({}{})", type.name, arguments, type.repeats ? ", ..." : "");
}

}  // namespace tarn
