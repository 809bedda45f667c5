// Characters and lists of words, for all that reads text.
#pragma once

#include <algorithm>
#include <ranges>
#include <string_view>

namespace tarn::formula {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a list of words has this one.
inline bool contains(const std::ranges::range auto& words, std::string_view word) {
  return std::ranges::find(words, word) != std::ranges::end(words);
}

}  // namespace tarn::formula
