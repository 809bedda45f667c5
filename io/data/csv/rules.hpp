// What cells mean: the decimal mark, and what stands for a missing value.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/io/table_reader.hpp"

namespace tarn::io::csv {

/// Looked at for every cell, so that most are told apart by their first character.
class Missing {
 public:
  explicit Missing(const MissingCodes& codes = {}, char decimal = '.');

  /// Blanks around the text taken off already.
  bool contains(std::string_view text) const noexcept {
    if (text.empty()) return true;
    if (begins_[static_cast<unsigned char>(text.front())] && is_listed(text)) return true;
    return !numbers_.empty() && is_number(text);
  }

  /// Codes that are numbers, -999 and -999.0 alike.
  bool has_numbers() const noexcept { return !numbers_.empty(); }
  bool contains(double value) const noexcept;

  /// Did the user name it?
  bool states(std::string_view code) const noexcept;

 private:
  bool is_listed(std::string_view text) const noexcept;
  bool is_number(std::string_view text) const noexcept;

  std::vector<std::string> codes_;
  std::vector<std::string> stated_;
  std::vector<double> numbers_;
  char decimal_;
  std::array<bool, 256> begins_ = {};  // is there a code that begins so?
};

struct Rules {
  explicit Rules(const MissingCodes& codes = {}, char mark = '.')
      : missing(codes, mark), decimal(mark) {}

  Missing missing;
  char decimal;
};

}  // namespace tarn::io::csv
