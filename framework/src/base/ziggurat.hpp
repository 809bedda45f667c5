// The layers under a standard normal density.
#pragma once

#include <array>
#include <cstddef>

namespace tarn {

/// 256 horizontal layers of equal area under exp(-x^2/2), x > 0, from the widest (the base, with
/// the tail) to the narrowest.
struct Ziggurat {
  static constexpr std::size_t layers = 256;
  std::array<double, layers + 1> edge;    // right end of layer i
  std::array<double, layers + 1> height;  // density at that edge
  std::array<double, layers> ratio;       // part of layer i that lies wholly under the density

  static const Ziggurat& normal() noexcept;

 private:
  Ziggurat() noexcept;
};

}  // namespace tarn
