// Eight characters at a time, in a machine word (Mycroft 1987; Lemire 2021 for the digits).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace tarn::io::csv {

/// The first character is the least significant byte, on any machine.
inline std::uint64_t load_word(const char* p) noexcept {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t tops = 0x8080808080808080;

/// The lowest top bit marks the first byte that is `c`; bits above it mean nothing.
inline std::uint64_t mark(std::uint64_t word, char c) noexcept {
  const std::uint64_t x = word ^ (ones * static_cast<unsigned char>(c));
  return (x - ones) & ~x & tops;
}

/// Bytes before the first that is marked; 8 where none is.
inline int before_mark(std::uint64_t marks) noexcept { return std::countr_zero(marks) >> 3; }

/// How many characters, from the first, are decimal digits.
inline int leading_digits(std::uint64_t word) noexcept {
  const std::uint64_t x = word ^ (ones * '0');
  return before_mark(((x + ones * 0x76) | x) & tops);
}

/// The value of eight digits; NULs count as zeros.
inline std::uint64_t eight_digits(std::uint64_t word) noexcept {
  word = ((word & (ones * 0x0F)) * (10 * 0x100 + 1)) >> 8;
  word = ((word & 0x00FF00FF00FF00FF) * (100 * 0x10000 + 1)) >> 16;
  return ((word & 0x0000FFFF0000FFFF) * (10000 * 0x100000000 + 1)) >> 32;
}

}  // namespace tarn::io::csv
