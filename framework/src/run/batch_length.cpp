// How many draws travel, and are stored, together.
#include "tarn/runtime.hpp"

namespace tarn {

std::size_t batch_length(std::size_t draws) noexcept {
  constexpr std::size_t most = 100;
  if (draws == 0) return 1;
  const std::size_t batches = (draws + most - 1) / most;  // as equal as can be: 250 is 84 + 84 + 82
  return (draws + batches - 1) / batches;
}

}  // namespace tarn
