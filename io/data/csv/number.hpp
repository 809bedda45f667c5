// Cells to numbers, correctly rounded.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>

#include "data/csv/rules.hpp"
#include "data/csv/words.hpp"
#include "tarn/index.hpp"

namespace tarn::io::csv {

enum class Meaning {
  missing,       // nothing, or a code of missing values
  number,        // infinite ones too
  padded,        // a whole number with leading zeros: an identifier
  long_integer,  // a whole number that no double holds: an identifier
  text,
};

inline std::string_view without_blanks(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A text without blanks around it as a number with this decimal mark; `value` is set for a number,
/// else NaN.
Meaning read_number(std::string_view text, char decimal, double& value) noexcept;

/// What a cell says; blanks around it do not count.
inline Meaning read_cell(std::string_view text, double& value, const Rules& rules) noexcept {
  text = without_blanks(text);
  value = std::numeric_limits<double>::quiet_NaN();
  return rules.missing.contains(text) ? Meaning::missing : read_number(text, rules.decimal, value);
}

namespace detail {

/// mantissa * 10^exponent, correctly rounded, for -19 <= exponent < 0.
double divide(std::uint64_t mantissa, int exponent) noexcept;

inline constexpr std::array<double, 23> powers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

inline constexpr std::array<std::uint64_t, 8> small_powers = {1,     10,     100,     1000,
                                                              10000, 100000, 1000000, 10000000};

/// Appends the digits at `p` to `mantissa` (modulo 2^64) and returns their end.
inline const char* read_digits(const char* p, std::uint64_t& mantissa) noexcept {
  std::uint64_t word = load_word(p);
  int n = leading_digits(word);
  while (n == 8) {
    mantissa = mantissa * 100000000 + eight_digits(word);
    word = load_word(p += 8);
    n = leading_digits(word);
  }
  if (n == 0) return p;
  mantissa = mantissa * small_powers[n] + eight_digits(word << (64 - 8 * n));
  return p + n;
}

}  // namespace detail

/// Reads [+-]digits[.digits][e[+-]digits], or with another decimal mark than the point, at `p` and
/// returns its end; nullptr where that takes more care, which is read_cell's. May look at 8 bytes
/// past the number.
inline const char* read_decimal(const char* p, double& value, char decimal = '.') noexcept {
  // Signs and leading zeros are as random as data are: arithmetic, where a branch would be guessed.
  const auto negative = static_cast<std::uint64_t>(*p == '-');
  p += (*p == '-') | (*p == '+');
  std::uint64_t mantissa = 0;
  const char* const whole = p;
  p = detail::read_digits(p, mantissa);
  std::ptrdiff_t digits = p - whole;
  std::ptrdiff_t exponent = 0;
  if (*p == decimal) {
    const char* const fraction = ++p;
    digits *= mantissa != 0;  // zeros in front cost no precision
    p = detail::read_digits(p, mantissa);
    exponent = fraction - p;
    digits -= exponent;
  } else if (digits > 15 || (*whole == '0' && digits > 1)) {
    return nullptr;  // perhaps an identifier
  }
  if (digits == 0 || digits > 19) return nullptr;
  if ((*p | 0x20) == 'e') {
    const bool down = *++p == '-';
    p += down || *p == '+';
    std::uint64_t shift = 0;
    const char* const start = p;
    p = detail::read_digits(p, shift);
    if (p == start || p - start > 4) return nullptr;
    exponent += down ? -as_index(shift) : as_index(shift);
  }
  double magnitude;
  if (mantissa <= std::uint64_t{1} << 53 && exponent >= -22 && exponent <= 22) {
    // Both operands are exact, so IEEE rounds only once (Clinger 1990).
    magnitude = static_cast<double>(mantissa);
    magnitude = exponent < 0 ? magnitude / detail::powers[as_size(-exponent)]
                             : magnitude * detail::powers[as_size(exponent)];
  } else if (exponent < 0 && exponent >= -19) {
    magnitude = detail::divide(mantissa, static_cast<int>(exponent));
  } else {
    return nullptr;
  }
  value = std::bit_cast<double>(std::bit_cast<std::uint64_t>(magnitude) | negative << 63);
  return p;
}

}  // namespace tarn::io::csv
