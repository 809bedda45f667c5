// Eigen counts with a sign, the standard library without: from one to the other in few letters.
#pragma once

#include <concepts>
#include <cstddef>

namespace tarn {

/// Of integers only: what cuts a real number off still has to say so.
constexpr std::ptrdiff_t as_index(std::integral auto n) noexcept {
  return static_cast<std::ptrdiff_t>(n);
}
constexpr std::size_t as_size(std::integral auto n) noexcept { return static_cast<std::size_t>(n); }

}  // namespace tarn
