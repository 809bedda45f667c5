// The schedule of the warm-up.
#include "windows.hpp"

#include <algorithm>

namespace nuts {

Windows::Windows(std::size_t total) {
  if (total < 20) return;
  const bool short_one = total < 150;
  first_ = short_one ? total * 15 / 100 : 75;
  const std::size_t last = total - (short_one ? total / 10 : 50);
  std::size_t length = short_one ? last - first_ : 25;
  for (std::size_t end = first_; end < last; length *= 2) {
    end += length;
    if (end + 2 * length > last) end = last;  // no room for the next: this one takes the rest
    ends_.push_back(end);
  }
}

bool Windows::inside(std::size_t draw) const noexcept {
  return !ends_.empty() && draw >= first_ && draw < ends_.back();
}

bool Windows::closes(std::size_t draw) const noexcept {
  return std::ranges::find(ends_, draw + 1) != ends_.end();
}

}  // namespace nuts
