// The windows of the warm-up: when step size and metric are adapted.
#pragma once

#include <cstddef>
#include <vector>

namespace nuts {

/// Stan's schedule: 75 draws to reach the bulk, windows of 25, 50, 100, ... draws at whose ends the
/// metric is estimated, and 50 draws for the last step size. A warm-up below 150 draws is split
/// 15/75/10 %, one below 20 leaves the metric alone.
class Windows {
 public:
  explicit Windows(std::size_t total);

  bool inside(std::size_t draw) const noexcept;  // its draw counts for the metric
  bool closes(std::size_t draw) const noexcept;  // after it the metric is estimated

 private:
  std::size_t first_ = 0;
  std::vector<std::size_t> ends_;  // one past the last draw of each window
};

}  // namespace nuts
