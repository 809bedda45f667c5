// Distinct texts, numbered in order of first appearance.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::io::csv {

class Dictionary {
 public:
  /// The number of `text`, a new one if need be.
  std::int32_t code(std::string_view text) {
    // Grouped rows repeat their level.
    if (last_ < levels_.size() && levels_[last_] == text) return static_cast<std::int32_t>(last_);
    if (2 * (levels_.size() + 1) > slots_.size()) widen();
    const std::size_t hash = std::hash<std::string_view>{}(text);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (slot.code < 0) {
        slot = {static_cast<std::uint32_t>(hash), static_cast<std::int32_t>(levels_.size())};
        levels_.emplace_back(text);
      } else if (slot.hash != static_cast<std::uint32_t>(hash) ||
                 levels_[static_cast<std::size_t>(slot.code)] != text) {
        continue;
      }
      last_ = static_cast<std::size_t>(slot.code);
      return slot.code;
    }
  }

  const std::vector<std::string>& levels() const noexcept { return levels_; }
  std::vector<std::string> take_levels() && { return std::move(levels_); }

  void clear() noexcept {
    levels_.clear();
    slots_.clear();
    last_ = 0;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::int32_t code = -1;  // -1: free
  };

  void widen() {
    std::vector<Slot> wider(slots_.empty() ? 16 : 2 * slots_.size());
    const std::size_t mask = wider.size() - 1;
    for (std::size_t code = 0; code < levels_.size(); ++code) {
      const std::size_t hash = std::hash<std::string_view>{}(levels_[code]);
      std::size_t i = hash & mask;
      while (wider[i].code >= 0) i = (i + 1) & mask;
      wider[i] = {static_cast<std::uint32_t>(hash), static_cast<std::int32_t>(code)};
    }
    slots_ = std::move(wider);
  }

  std::vector<std::string> levels_;
  std::vector<Slot> slots_;  // a power of two of them, at most half of them taken
  std::size_t last_ = 0;
};

}  // namespace tarn::io::csv
