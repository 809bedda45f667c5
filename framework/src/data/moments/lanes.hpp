// Two doubles side by side: what every x86-64 and ARMv8 processor has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <boost/align/aligned_allocator.hpp>

namespace tarn {

/// Columns of a row are taken two at a time; compilers unroll loops over so few columns instead of
/// finding the vectors. Lanes never mix, so the bits are those of one column after the other.
using Lanes [[gnu::vector_size(16)]] = double;
using LaneBits [[gnu::vector_size(16)]] = std::uint64_t;
inline constexpr std::size_t lanes = 2;

/// Columns padded to whole lanes.
constexpr std::size_t padded(std::size_t columns) { return (columns + lanes - 1) / lanes * lanes; }

inline constexpr std::size_t line = 64;  // bytes that memory moves at once

template <class T>
using Aligned = std::vector<T, boost::alignment::aligned_allocator<T, line>>;

template <class T>
T load_lanes(const void* from) {
  T x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

template <class T>
void store_lanes(void* to, T x) {
  std::memcpy(to, &x, sizeof x);
}

}  // namespace tarn
