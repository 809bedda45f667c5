// Selection of rows.
#include "data/formula/cells/frame.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tarn::formula {

Frame::Frame(std::shared_ptr<const Table> table) : table_(std::move(table)), count_(table_->rows) {}

void Frame::drop_missing(std::span<const Column* const> columns) {
  if (std::ranges::all_of(columns, [](const Column* c) { return c->missing == 0; })) return;
  std::vector<char> keep(count_, 1);
  for (const Column* const column : columns) {
    if (column->missing == 0) continue;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::size_t r = row(i);
      if (column->is_text ? column->codes[r] < 0 : std::isnan(column->numbers[r])) keep[i] = 0;
    }
  }
  keep_only(keep);
}

void Frame::keep_only(const std::vector<char>& keep) {
  std::vector<std::uint32_t> kept;
  kept.reserve(count_);
  for (std::size_t i = 0; i < count_; ++i) {
    if (keep[i] != 0) kept.push_back(static_cast<std::uint32_t>(row(i)));
  }
  whole_ = whole_ && kept.size() == count_;
  count_ = kept.size();
  kept_ = std::move(kept);
}

void Frame::copy(const Column& column, std::size_t first, std::size_t count, double* out) const {
  if (whole_) {
    std::copy_n(column.numbers.data() + first, count, out);
  } else {
    for (std::size_t i = 0; i < count; ++i) out[i] = column.numbers[kept_[first + i]];
  }
}

}  // namespace tarn::formula
