// Cells to numbers, correctly rounded.
#include "data/csv/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>

#include "tarn/index.hpp"

namespace tarn::io::csv {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Does a double hold exactly this whole number?
bool survives(std::string_view digits, double value) noexcept {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  std::array<char, 310> exact;  // the largest double has 309 digits
  const auto end = std::to_chars(exact.data(), exact.data() + exact.size(), std::fabs(value),
                                 std::chars_format::fixed)
                       .ptr;
  return digits == std::string_view(exact.data(), as_size(end - exact.data()));
}

}  // namespace

Meaning read_number(std::string_view text, char decimal, double& value) noexcept {
  value = std::numeric_limits<double>::quiet_NaN();
  if (text.empty()) return Meaning::text;
  std::array<char, 400> pointed;  // the longest double has fewer characters
  if (decimal != '.') {
    if (text.size() > pointed.size() || text.find('.') != std::string_view::npos) {
      return Meaning::text;
    }
    std::ranges::replace_copy(text, pointed.begin(), decimal, '.');
    text = {pointed.data(), text.size()};
  }
  std::string_view magnitude = text;
  if (text.front() == '+' || text.front() == '-') magnitude.remove_prefix(1);
  if (magnitude.empty()) return Meaning::text;
  const char first = magnitude.front();
  // from_chars would also take a second sign, and words that begin with nan.
  if (!is_digit(first) && first != '.' && (first | 0x20) != 'i') return Meaning::text;
  if (text.front() == '+') text = magnitude;

  const char* const end = text.data() + text.size();
  double number = 0;
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end) return Meaning::text;
  if (error == std::errc::result_out_of_range) {
    // 1e-400 is 0 and 1e400 is infinite; the wider exponent of long double tells which.
    long double wide = 0;
    if (std::from_chars(text.data(), end, wide).ec != std::errc()) return Meaning::text;
    number = static_cast<double>(wide);
  } else if (error != std::errc()) {
    return Meaning::text;
  }
  if (magnitude.size() > 1 && (first == '0' || magnitude.size() > 15) &&
      std::all_of(magnitude.begin(), magnitude.end(), is_digit)) {
    if (first == '0') return Meaning::padded;
    if (std::isfinite(number) && !survives(magnitude, number)) return Meaning::long_integer;
  }
  value = number;
  return Meaning::number;
}

double detail::divide(std::uint64_t mantissa, int exponent) noexcept {
  static constexpr std::array<std::uint64_t, 20> integers = [] {
    std::array<std::uint64_t, 20> p{1};
    for (std::size_t i = 1; i < p.size(); ++i) p[i] = 10 * p[i - 1];
    return p;
  }();
  __extension__ using Wide = unsigned __int128;
  if (mantissa == 0) return 0;
  // Both are shifted to 64 bits, so the quotient has at least 62; with a last bit that says whether
  // something remains, turning it into a double rounds as the exact quotient would.
  const std::uint64_t divisor = integers[as_size(-exponent)];
  const int up = std::countl_zero(mantissa);
  const int down = std::countl_zero(divisor);
  const Wide dividend = static_cast<Wide>(mantissa << up) << 63;
  const std::uint64_t shifted = divisor << down;
  const auto quotient = static_cast<std::uint64_t>(dividend / shifted);
  const auto sticky = static_cast<std::uint64_t>(quotient * static_cast<Wide>(shifted) != dividend);
  const auto scale = static_cast<std::uint64_t>(1023 - 63 - up + down) << 52;
  return static_cast<double>(quotient | sticky) * std::bit_cast<double>(scale);
}

}  // namespace tarn::io::csv
