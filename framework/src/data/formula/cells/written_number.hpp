// A number as people write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/formula/cells/notation.hpp"

namespace tarn::formula {

struct WrittenNumber {
  Notation marks = Notation::plain;  // what its digits and marks look like: plain to both
  bool unit = false;                 // a currency in front
  bool other = false;                // a comparison, a fraction, a power of ten, in parentheses
  std::string suffix;                // what follows it: a unit, if anything
};

/// Nothing where the cell is no number. Blanks around it do not count.
std::optional<WrittenNumber> read_written_number(std::string_view cell);

/// A unit that stands for itself beside others, such as m beside km.
bool is_known_unit(std::string_view suffix);

}  // namespace tarn::formula
