// The rows of one chunk of a CSV text, column by column.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/csv/dictionary.hpp"
#include "data/csv/rules.hpp"

namespace tarn::io::csv {

enum class Kind : std::uint8_t { skipped, number, text };

/// What becomes of one field of each record.
struct FieldPlan {
  Kind kind = Kind::skipped;
  std::size_t column = 0;  // of the table; only if stored
};

/// How the fields of a text are told apart, and what they mean.
struct Format {
  char separator = ',';
  std::size_t fields = 0;     // of the header line
  std::size_t nameless = 0;   // so many last columns have no name and no values
  bool short_header = false;  // the header line leaves out the row names
};

/// A column's cells in one chunk. Its vectors may be longer than the piece has rows.
struct PieceColumn {
  Kind kind = Kind::skipped;
  std::vector<double> numbers;      // Kind::number: NaN where missing
  std::vector<std::int32_t> codes;  // Kind::text: -1 where missing
  Dictionary<std::string_view> levels;
  std::deque<std::string> unquoted;  // levels that stand in the text with doubled quotes
  std::size_t missing = 0;
  bool spoiled = false;               // Kind::number, but some cell is not a number
  const char* first_text = nullptr;   // the first cell that is text, missing and numbers apart
  const char* first_label = nullptr;  // the first that is a number, but an identifier
  std::vector<std::pair<std::string, std::size_t>> missing_codes;  // Kind::text
};

struct Piece {
  std::size_t source = 0;  // of which file, counted from 0
  std::size_t rows = 0;
  std::size_t bytes = 0;
  std::vector<PieceColumn> columns;
};

/// Parses `chunk`, whole records of a text that ends at `end`, into `piece`, whose memory is used
/// again. Throws Fault.
void parse(std::string_view chunk, const char* end, const Format& format, const Rules& rules,
           std::span<const FieldPlan> plan, Piece& piece);

}  // namespace tarn::io::csv
