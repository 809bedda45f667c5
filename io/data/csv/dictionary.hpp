// Distinct texts, numbered in order of first appearance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/index.hpp"

namespace tarn::io::csv {

/// Text: std::string, or std::string_view where the caller keeps the characters.
template <class Text>
class Dictionary {
 public:
  static std::uint32_t hash(std::string_view text) noexcept {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(text));
  }

  /// The number of `text`, a new one if need be.
  std::int32_t code(std::string_view text) {
    // Grouped rows repeat their level.
    if (last_ < levels_.size() && levels_[last_] == text) return static_cast<std::int32_t>(last_);
    return code(text, hash(text));
  }

  std::int32_t code(std::string_view text, std::uint32_t hash) {
    if (2 * (levels_.size() + 1) > slots_.size()) widen();
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (slot.code < 0) {
        slot = {hash, static_cast<std::int32_t>(levels_.size())};
        levels_.emplace_back(text);
        hashes_.push_back(hash);
      } else if (slot.hash != hash || levels_[as_size(slot.code)] != text) {
        continue;
      }
      last_ = as_size(slot.code);
      return slot.code;
    }
  }

  /// Starts to fetch what code(text, hash) will look at: large dictionaries outgrow the caches.
  void prefetch(std::uint32_t hash) const noexcept {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }

  std::size_t size() const noexcept { return levels_.size(); }
  const Text& level(std::size_t code) const noexcept { return levels_[code]; }
  std::uint32_t level_hash(std::size_t code) const noexcept { return hashes_[code]; }
  std::vector<Text> take_levels() && { return std::move(levels_); }

  void clear() noexcept {
    levels_.clear();
    hashes_.clear();
    slots_.assign(slots_.size(), {});
    last_ = 0;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::int32_t code = -1;  // -1: free
  };

  void widen() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), {});
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t code = 0; code < hashes_.size(); ++code) {
      std::size_t i = hashes_[code] & mask;
      while (slots_[i].code >= 0) i = (i + 1) & mask;
      slots_[i] = {hashes_[code], static_cast<std::int32_t>(code)};
    }
  }

  std::vector<Text> levels_;
  std::vector<std::uint32_t> hashes_;  // of the levels
  std::vector<Slot> slots_;            // a power of two of them, at most half of them taken
  std::size_t last_ = 0;
};

}  // namespace tarn::io::csv
