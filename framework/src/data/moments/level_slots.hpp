// Places for the levels that occur in a leaf, in the order in which they first do.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tarn {

/// A leaf's memory follows the levels in it, not all that there are.
class LevelSlots {
 public:
  explicit LevelSlots(std::size_t levels) : slot_(levels, absent), seen_((levels + 63) / 64) {}

  static constexpr std::int32_t absent = -1;

  std::int32_t find(std::int32_t level) const { return slot_[static_cast<std::size_t>(level)]; }

  std::int32_t insert(std::int32_t level) {
    const auto j = static_cast<std::size_t>(level);
    seen_[j / 64] |= std::uint64_t{1} << (j % 64);
    return slot_[j] = size_++;
  }

  std::size_t size() const { return static_cast<std::size_t>(size_); }

  /// visit(level, slot) in the order of the levels.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t word = 0; word < seen_.size(); ++word) {
      for (std::uint64_t rest = seen_[word]; rest != 0; rest &= rest - 1) {
        const std::size_t j = 64 * word + static_cast<std::size_t>(std::countr_zero(rest));
        visit(static_cast<std::int32_t>(j), static_cast<std::size_t>(slot_[j]));
      }
    }
  }

  void clear() {
    for_each([this](std::int32_t j, std::size_t) { slot_[static_cast<std::size_t>(j)] = absent; });
    std::ranges::fill(seen_, 0);
    size_ = 0;
  }

 private:
  std::vector<std::int32_t> slot_;   // of every level
  std::vector<std::uint64_t> seen_;  // a bit for every level: sorts them without comparing
  std::int32_t size_ = 0;
};

}  // namespace tarn
