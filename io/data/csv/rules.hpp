// What cells mean: the decimal mark, and what stands for a missing value.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/io/table_reader.hpp"

namespace tarn::io::csv {

/// Looked at for every cell, so that most are told apart by their first character and length.
class Missing {
 public:
  explicit Missing(const MissingCodes& codes = {}, char decimal = '.');

  /// Blanks around the text taken off already.
  bool contains(std::string_view text) const noexcept {
    if (is_blank(text)) return true;
    if (begins_[static_cast<unsigned char>(text.front())] && has_length(text.size()) &&
        is_listed(text)) {
      return true;
    }
    return !numbers_.empty() && is_number(text);
  }

  /// Nothing, or nothing but blanks that Unicode has beside the common ones.
  static bool is_blank(std::string_view text) noexcept {
    return text.empty() ||
           (static_cast<unsigned char>(text.front()) >= 0xC2 && holds_blanks_only(text));
  }

  /// Codes that are numbers, -999 and -999.0 alike.
  bool has_numbers() const noexcept { return !numbers_.empty(); }
  bool contains(double value) const noexcept;

  /// Did the user name it?
  bool states(std::string_view code) const noexcept;

 private:
  /// 63: that long, or longer.
  static std::size_t length_class(std::size_t length) noexcept {
    return std::min<std::size_t>(length, 63);
  }
  bool has_length(std::size_t length) const noexcept {
    return ((lengths_ >> length_class(length)) & 1) != 0;
  }
  static bool holds_blanks_only(std::string_view text) noexcept;
  bool is_listed(std::string_view text) const noexcept;
  bool is_number(std::string_view text) const noexcept;

  std::vector<std::string> codes_;
  std::vector<std::string> stated_;
  std::vector<double> numbers_;
  char decimal_;
  std::uint64_t lengths_ = 0;          // is there a code of that length?
  std::array<bool, 256> begins_ = {};  // is there a code that begins so?
};

struct Rules {
  explicit Rules(const MissingCodes& codes = {}, char mark = '.')
      : missing(codes, mark), decimal(mark) {}

  Missing missing;
  char decimal;
};

}  // namespace tarn::io::csv
