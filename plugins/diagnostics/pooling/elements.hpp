// Draws of single parameters, a few at a time.
#pragma once

#include <algorithm>
#include <cstddef>

#include "tarn/draws.hpp"

namespace tarn::pooling {

/// Calls visit(element, draws) for all elements of a block.
template <class Visit>
void for_elements(const Draws& draws, std::size_t block, const Visit& visit) {
  constexpr std::size_t at_once = 128;
  const std::size_t size = draws.layout().block(block).size();
  Matrix x;
  for (std::size_t first = 0; first < size; first += at_once) {
    const auto count = as_index(std::min(at_once, size - first));
    x.resize(as_index(draws.chains() * draws.draws()), count);
    draws.read(block, first, x);
    for (Eigen::Index k = 0; k < count; ++k) {
      visit(first + as_size(k), x.col(k));
    }
  }
}

}  // namespace tarn::pooling
