// Which character separates the fields of a CSV text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tarn::io::csv {

/// The fields of one of the first rows, for guesses.
struct Glance {
  std::size_t fields = 0;
  std::size_t blank_end = 0;    // so many last fields are blank
  bool quoted = false;          // the first field is
  std::string_view first = {};  // the first field
};

/// Of the first rows from `p`, up to 64; fewer where one of them has a fault.
std::vector<Glance> glance_at(const char* p, const char* end, char separator);

/// Could the first fields be what R writes before its rows: each once, and quoted, or text, or 1,
/// 2, 3 and so on?
bool are_row_names(const std::vector<Glance>& rows);

/// Of the text whose header line is at `p`: comma, semicolon, tab or bar, the one that the header
/// line has and the first rows agree with; where several do, the comma (with a decimal comma the
/// others), then the commonest; in .tsv the tab comes first.
char find_separator(const char* p, const char* end, bool tabbed, char decimal);

}  // namespace tarn::io::csv
