// Codes of missing values.
#include "data/csv/rules.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/csv/number.hpp"

namespace tarn::io {

const std::vector<std::string>& MissingCodes::standard() {
  // R, pandas and numpy, SQL, Excel, Python; SAS and Stata.
  static const std::vector<std::string> codes{"NA",   "NaN",  "nan",  "N/A",  "n/a", "#N/A",
                                              "NULL", "null", "None", "<NA>", "."};
  return codes;
}

namespace csv {

Missing::Missing(const MissingCodes& codes, char decimal) : decimal_(decimal) {
  for (const std::string& code : codes.stated) {
    const std::string_view text = without_blanks(code);
    if (!text.empty()) stated_.emplace_back(text);
  }
  for (const std::string& code : stated_) {
    double value = 0;
    if (read_number(code, decimal, value) == Meaning::number) numbers_.push_back(value);
  }
  codes_ = stated_;
  if (codes.keep_standard) {
    codes_.insert(codes_.end(), MissingCodes::standard().begin(), MissingCodes::standard().end());
  }
  for (const std::string& code : codes_) {
    begins_[static_cast<unsigned char>(code.front())] = true;
    lengths_ |= std::uint64_t{1} << length_class(code.size());
  }
}

bool Missing::contains(double value) const noexcept {
  return std::ranges::find(numbers_, value) != numbers_.end();
}

bool Missing::states(std::string_view code) const noexcept {
  if (std::ranges::find(stated_, code) != stated_.end()) return true;
  return has_numbers() && is_number(code);
}

bool Missing::holds_blanks_only(std::string_view text) noexcept {
  // No-break spaces, those from U+2000 to U+200B, and the ideographic one.
  static constexpr std::array<std::string_view, 17> blanks{
      " ",      "\t",     "\u00A0", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
      "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u200B", "\u202F", "\u3000"};
  while (!text.empty()) {
    const auto found = std::ranges::find_if(
        blanks, [text](std::string_view blank) { return text.starts_with(blank); });
    if (found == blanks.end()) return false;
    text.remove_prefix(found->size());
  }
  return true;
}

bool Missing::is_listed(std::string_view text) const noexcept {
  return std::ranges::find(codes_, text) != codes_.end();
}

bool Missing::is_number(std::string_view text) const noexcept {
  double value = 0;
  return read_number(text, decimal_, value) == Meaning::number && contains(value);
}

}  // namespace csv
}  // namespace tarn::io
