// What the cells of a column of text look like: labels, or numbers that people write otherwise.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tarn::formula {

enum class Notation {
  labels,
  plain,           // numbers as they are read
  padded,          // whole numbers with leading zeros, among plain ones
  long_integers,   // whole numbers that no double holds, among plain ones
  decimal_commas,  // 3,14
  commas,          // 12,345: a decimal comma, or a thousand
  thousands,       // 1,234,567 and 1 234.5
  both,            // 1.234,5: separators of thousands, and a decimal comma
  unit,            // 1.85% and $5
  dates,
  times,
  other,  // <0.5, 1/2, 3x10^4, (5)
};

struct Looks {
  Notation notation = Notation::labels;
  std::string cell;  // the first that is written so
  std::string odd;   // numbers with commas or dates for the most part, but for this cell
};

/// Of distinct cells. All must look alike for units and the like, since doses may stand beside a
/// placebo; of decimal commas, thousands and dates more than half of them, and no fewer than five.
Looks looks_of(std::span<const std::string_view> cells);

}  // namespace tarn::formula
