// Numbers that may stand for missing values.
#include "data/formula/notes/sentinels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

/// -99, 999, 9999.9, 88, 777, of two digits or more.
bool has_one_digit(double magnitude) {
  if (magnitude < 10 || magnitude > 1e10) return false;
  std::string digits = fmt::format("{}", magnitude);
  std::erase(digits, '.');
  if (digits.ends_with('0')) digits.pop_back();  // 999.0
  return (digits.front() >= '7') && digits.find_first_not_of(digits.front()) == std::string::npos;
}

bool is_limit(double magnitude) {
  constexpr std::array<double, 8> limits{
      32767,  32768, 65535, 2147483647, 2147483648, 4294967295, std::numeric_limits<double>::max(),
      1.7e308};
  if (std::ranges::find(limits, magnitude) != limits.end()) return true;
  // As it is printed with seven digits or more.
  constexpr double largest_float = std::numeric_limits<float>::max();
  return std::abs(magnitude / largest_float - 1) < 2e-2;
}

bool is_large_power_of_ten(double magnitude) {
  if (magnitude < 1e10) return false;
  const double power = std::round(std::log10(magnitude));
  return std::abs(magnitude / std::pow(10.0, power) - 1) < 1e-6;
}

bool has_the_look(double value) {
  const double magnitude = std::abs(value);
  return has_one_digit(magnitude) || is_limit(magnitude) || is_large_power_of_ten(magnitude);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

bool stands_apart(double value, const Range& others) {
  // Halves, so that the differences of the largest numbers are numbers.
  const double reach = others.high / 2 - others.low / 2;
  const double gap = value < others.low ? others.low / 2 - value / 2 : value / 2 - others.high / 2;
  return gap > reach || (value < 0 && others.low >= 0 && gap > reach / 2);
}

}  // namespace

std::optional<std::string> sentinel_note(const std::string& name,
                                         const std::vector<double>& values) {
  Range all;
  for (const double value : values) {
    if (std::isfinite(value)) all.add(value);
  }
  if (!(all.low < all.high) || (!has_the_look(all.low) && !has_the_look(all.high))) return {};

  // One after the other is taken from the ends, as long as it looks like one.
  constexpr std::size_t most_codes = 6;
  std::map<double, std::size_t> codes;
  Range others = all;
  while (codes.size() < most_codes && (has_the_look(others.low) || has_the_look(others.high))) {
    const double code = has_the_look(others.low) ? others.low : others.high;
    codes.emplace(code, std::ranges::count(values, code));
    others = {};
    for (const double value : values) {
      if (std::isfinite(value) && !codes.contains(value)) others.add(value);
    }
    if (!(others.low < others.high)) return {};
  }
  std::vector<std::string> places;
  std::string typed;
  for (const auto& [code, rows] : codes) {
    if (!stands_apart(code, others)) continue;
    places.push_back(fmt::format("{:.10g} in {} row{}", code, rows, rows == 1 ? "" : "s"));
    typed += fmt::format("{}{:.10g}", typed.empty() ? "" : ",", code);
  }
  if (places.empty()) return {};
  return fmt::format(
      "{} is {}, far outside the others ({:.6g} to {:.6g}); if that stands for a missing value, "
      "say "
      "--missing={}",
      shown(name), list_of(places), others.low, others.high, typed);
}

}  // namespace tarn::formula
