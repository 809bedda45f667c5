// Numbers that may stand for missing values.
#include "data/formula/notes/sentinels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

/// -99, 999, 9999.9, 88, 777, of two digits or more; of surveys also 998 and 97.
bool is_code(double magnitude) {
  if (magnitude < 10 || magnitude > 1e10) return false;
  std::string digits = fmt::format("{}", magnitude);
  std::erase(digits, '.');
  if (digits.size() < 2 || digits.front() < '7' || digits.back() < '7') return false;
  const char last = digits.back();
  digits.pop_back();
  return digits.find_first_not_of(digits.front()) == std::string::npos &&
         (digits.front() == '9' || digits.front() == last);
}

bool is_limit(double magnitude) {
  constexpr std::array<double, 8> limits{
      32767,  32768, 65535, 2147483647, 2147483648, 4294967295, std::numeric_limits<double>::max(),
      1.7e308};
  if (std::ranges::find(limits, magnitude) != limits.end()) return true;
  constexpr double netcdf_fill = 9.9692099683868690e36;
  if (std::abs(magnitude / netcdf_fill - 1) < 1e-5) return true;
  // As it is printed with three digits or more.
  constexpr double largest_float = std::numeric_limits<float>::max();
  return std::abs(magnitude / largest_float - 1) < 3e-3;
}

bool is_large_power_of_ten(double magnitude) {
  if (magnitude < 1e15) return false;
  const double power = std::round(std::log10(magnitude));
  return std::abs(magnitude / std::pow(10.0, power) - 1) < 1e-6;
}

bool has_the_look(double value) {
  const double magnitude = std::abs(value);
  return is_code(magnitude) || is_limit(magnitude) || is_large_power_of_ten(magnitude);
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

/// Distinct values from an end on, up to the first that does not look like a code, or a few.
template <class Before>
std::vector<double> run_from(double end, const std::vector<double>& values, Before before) {
  constexpr std::size_t most_codes = 3;
  std::vector<double> run{end};
  while (run.size() <= most_codes && has_the_look(run.back())) {
    std::optional<double> next;
    for (const double value : values) {
      if (std::isfinite(value) && before(run.back(), value) && (!next || before(value, *next))) {
        next = value;
      }
    }
    if (!next) break;
    run.push_back(*next);
  }
  return run;
}

/// So many values at each end, as many as can be, that all stand apart from the others.
std::pair<std::size_t, std::size_t> codes_at_the_ends(const std::vector<double>& lows,
                                                      const std::vector<double>& highs) {
  const std::size_t most = lows.size() - 1 + highs.size() - 1;
  for (std::size_t count = most; count > 0; --count) {
    for (std::size_t low = 0; low <= count; ++low) {
      const std::size_t high = count - low;
      if (low >= lows.size() || high >= highs.size()) continue;
      const Range others{lows[low], highs[high]};
      if (!(others.low < others.high)) continue;
      if (low > 0 && !stands_apart(lows[low - 1], others)) continue;
      if (high > 0 && !stands_apart(highs[high - 1], others)) continue;
      return {low, high};
    }
  }
  return {0, 0};
}

}  // namespace

std::optional<std::string> sentinel_note(const std::string& name,
                                         const std::vector<double>& values) {
  Range all;
  for (const double value : values) {
    if (std::isfinite(value)) all.add(value);
  }
  if (!(all.low < all.high) || (!has_the_look(all.low) && !has_the_look(all.high))) return {};

  const std::vector<double> lows = run_from(all.low, values, std::less<>());
  const std::vector<double> highs = run_from(all.high, values, std::greater<>());
  const auto [low_codes, high_codes] = codes_at_the_ends(lows, highs);
  std::vector<double> codes(lows.begin(), lows.begin() + static_cast<std::ptrdiff_t>(low_codes));
  codes.insert(codes.end(), highs.begin(), highs.begin() + static_cast<std::ptrdiff_t>(high_codes));
  std::ranges::sort(codes);
  const Range others{lows[low_codes], highs[high_codes]};
  std::vector<std::string> places;
  std::string typed;
  for (const double code : codes) {
    const auto rows = std::ranges::count(values, code);
    places.push_back(fmt::format("{:.10g} in {} row{}", code, rows, rows == 1 ? "" : "s"));
    typed += fmt::format("{}{:.10g}", typed.empty() ? "" : ",", code);
  }
  if (places.empty()) return {};
  return fmt::format(
      "{} is {}, far outside the others ({:.6g} to {:.6g}); if that stands for a missing value, "
      "say --missing={}",
      shown(name), list_of(places), others.low, others.high, typed);
}

std::optional<std::string> date_note(const std::string& name, const std::vector<double>& values) {
  constexpr std::size_t enough = 5;
  std::set<double> different;
  for (const double value : values) {
    if (!(value >= 19000101 && value <= 21001231) || value != std::floor(value)) return {};
    const auto digits = static_cast<int>(value);
    const int month = digits / 100 % 100, day = digits % 100;
    if (month < 1 || month > 12 || day < 1 || day > 31) return {};
    if (different.size() < enough) different.insert(value);
  }
  if (different.size() < enough) return {};
  return fmt::format(
      "{} holds whole numbers such as {:.0f}, which look like dates: their differences are no "
      "days; write days since the first date",
      shown(name), values.front());
}

}  // namespace tarn::formula
