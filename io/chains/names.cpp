// The names of variables and dimensions.
#include "chains/names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tarn::io {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string plain_name(std::string_view text) {
  std::string name(text);
  std::ranges::replace_if(
      name, [](char c) { return !letter(c) && !(c >= '0' && c <= '9'); }, '_');
  return name.empty() || !letter(name[0]) ? "x" + name : name;
}

std::string Names::claim(const std::string& wanted) {
  std::string name = wanted;
  for (int i = 2; !taken_.insert(name).second; ++i) name = fmt::format("{}_{}", wanted, i);
  return name;
}

}  // namespace tarn::io
