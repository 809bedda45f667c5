// Formats numbers with the digits that their error supports.
#include "report/numbers.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tarn {

int supported_decimals(double standard_error) {
  if (!(standard_error > 0) || !std::isfinite(standard_error)) return -1;
  const int place = -static_cast<int>(std::floor(std::log10(standard_error)));
  return place > 6 ? -1 : std::max(place, 0);
}

std::string number_text(double x, int decimals) {
  if (std::isnan(x)) return "-";
  if (decimals < 0 || std::abs(x) >= 1e9) return fmt::format("{:.6g}", x);
  std::string text = fmt::format("{:.{}f}", x, decimals);
  const bool zero = text.find_first_not_of("-0.") == std::string::npos;
  return zero && text.front() == '-' ? text.substr(1) : text;
}

std::string grouped(std::size_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string duration_text(double seconds) {
  if (seconds < 0.0005) return "under 1 ms";
  if (seconds < 0.0995) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string count_of(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

}  // namespace tarn
