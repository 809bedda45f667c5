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

bool Missing::is_listed(std::string_view text) const noexcept {
  return std::ranges::find(codes_, text) != codes_.end();
}

bool Missing::is_number(std::string_view text) const noexcept {
  double value = 0;
  return read_number(text, decimal_, value) == Meaning::number && contains(value);
}

}  // namespace csv
}  // namespace tarn::io
