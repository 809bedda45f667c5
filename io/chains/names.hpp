// The names of variables and dimensions: what netCDF and R take, each once in a group.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace tarn::io {

/// [A-Za-z][A-Za-z0-9_]*: each other byte becomes `_`, and a leading non-letter gets an `x` before.
std::string plain_name(std::string_view text);

/// The names of one group, each given out once.
class Names {
 public:
  explicit Names(std::initializer_list<std::string_view> reserved) {
    for (const std::string_view name : reserved) taken_.emplace(name);
  }

  bool taken(const std::string& name) const { return taken_.contains(name); }

  /// `wanted`, or the first free one of `wanted_2`, `wanted_3`, ...
  std::string claim(const std::string& wanted);

 private:
  std::set<std::string> taken_;
};

}  // namespace tarn::io
