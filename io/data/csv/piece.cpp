// The rows of one chunk of a CSV text, column by column.
#include "data/csv/piece.hpp"

#include <algorithm>
#include <limits>

#include "data/csv/number.hpp"
#include "data/csv/record.hpp"

namespace tarn::io::csv {
namespace {

class Parser {
 public:
  Parser(const char* end, const Format& format, const Rules& rules, std::span<const FieldPlan> plan,
         Piece& piece)
      : end_(end),
        separator_(format.separator),
        // A mark that is the separator, too, stands in quotes, and is left to read_cell().
        fast_(rules.decimal != format.separator),
        decimal_(rules.decimal),
        format_(format),
        rules_(rules),
        plan_(plan),
        piece_(piece) {
    for (PieceColumn& column : piece_.columns) {
      column.kind = Kind::skipped;
      column.levels.clear();
      column.unquoted.clear();
      column.missing = 0;
      column.spoiled = false;
      column.first_text = nullptr;
      column.first_label = nullptr;
      column.missing_codes.clear();
    }
    for (const FieldPlan& field : plan_) {
      if (field.kind != Kind::skipped) piece_.columns[field.column].kind = field.kind;
    }
    room_ = std::numeric_limits<std::size_t>::max();
    for (const PieceColumn& column : piece_.columns) {
      if (column.kind == Kind::number) room_ = std::min(room_, column.numbers.size());
      if (column.kind == Kind::text) room_ = std::min(room_, column.codes.size());
    }
  }

  void records(const char* p, const char* chunk_end) {
    std::size_t row = 0;
    // Blank lines that follow the chunk are skipped too, so p may pass its end.
    for (p = skip_blank_lines(p, separator_); p < chunk_end; p = skip_blank_lines(p, separator_)) {
      if (row == room_) widen();
      p = record(p, row);
      ++row;
    }
    piece_.rows = row;
  }

 private:
  /// Returns where the record's line end is.
  const char* record(const char* const begin, std::size_t row) {
    const char* p = begin;
    const FieldPlan* field = plan_.data();
    const FieldPlan* const last = field + plan_.size() - 1;
    for (;; ++field, ++p) {
      p = cell(p, *field, row);
      if (*p != separator_) break;
      if (field == last) return nameless(begin, p);
    }
    if (field != last) ragged(begin);
    return p;
  }

  /// Past separators that end a record without values between them.
  const char* nameless(const char* const begin, const char* p) const {
    std::size_t fields = plan_.size();
    for (; *p == separator_; ++fields) {
      if (fields == plan_.size() + format_.nameless) ragged(begin);
      const Field field = read_field(p + 1, end_, separator_);
      if (!without_blanks(field.text).empty()) {
        throw Fault{Fault::Kind::nameless, begin, fields + 1, plan_.size()};
      }
      p = field.end;
    }
    return p;
  }

  const char* cell(const char* p, const FieldPlan& field, std::size_t row) {
    if (field.kind == Kind::number) {
      PieceColumn& column = piece_.columns[field.column];
      double& value = column.numbers[row];
      const char* const stop = fast_ ? read_decimal(p, value, decimal_) : nullptr;
      return stop && ends_field(*stop, separator_) ? stop : odd_number(p, column, value);
    }
    if (field.kind == Kind::text) {
      PieceColumn& column = piece_.columns[field.column];
      return text(p, column, column.codes[row]);
    }
    return *p == '"' || *p == ' ' || *p == '\t' ? read_field(p, end_, separator_).end
                                                : find_field_end(p, separator_);
  }

  const char* odd_number(const char* p, PieceColumn& column, double& value) {
    const Field field = read_field(p, end_, separator_);
    switch (read_cell(undoubled(field, scratch_), value, rules_)) {
      case Meaning::number:
        break;
      case Meaning::missing:
        ++column.missing;
        break;
      case Meaning::text:
        if (!column.first_text) column.first_text = p;
        column.spoiled = true;
        break;
      case Meaning::padded:
      case Meaning::long_integer:
        if (!column.first_label) column.first_label = p;
        column.spoiled = true;
    }
    return field.end;
  }

  const char* text(const char* p, PieceColumn& column, std::int32_t& code) {
    const Field field = read_field(p, end_, separator_);
    std::string_view content = undoubled(field, scratch_);
    if (const std::string_view bare = without_blanks(content); rules_.missing.contains(bare)) {
      code = -1;
      ++column.missing;
      if (!Missing::is_blank(bare)) count(bare, column);
      return field.end;
    }
    if (field.doubled_quotes) content = column.unquoted.emplace_back(content);
    const std::size_t known = column.levels.size();
    code = column.levels.code(content);
    const bool is_new = column.levels.size() > known;
    if (field.doubled_quotes && !is_new) column.unquoted.pop_back();
    if (is_new && !column.first_text) look_at(content, p, column);
    return field.end;
  }

  void look_at(std::string_view level, const char* p, PieceColumn& column) const {
    double number;
    const Meaning meaning = read_cell(level, number, rules_);
    if (meaning == Meaning::text) {
      column.first_text = p;
    } else if (meaning != Meaning::number && !column.first_label) {
      column.first_label = p;
    }
  }

  static void count(std::string_view code, PieceColumn& column) {
    for (auto& [known, cells] : column.missing_codes) {
      if (known == code) {
        ++cells;
        return;
      }
    }
    column.missing_codes.emplace_back(code, 1);
  }

  void widen() {
    room_ = std::max<std::size_t>(64, 2 * room_);
    for (PieceColumn& column : piece_.columns) {
      if (column.kind == Kind::number) column.numbers.resize(room_);
      if (column.kind == Kind::text) column.codes.resize(room_);
    }
  }

  [[noreturn]] void ragged(const char* record) const {
    std::size_t fields = 1;
    const char* p = record;
    while (*(p = read_field(p, end_, separator_).end) == separator_) ++p, ++fields;
    throw Fault{Fault::Kind::ragged, record, fields, format_.fields, format_.short_header};
  }

  const char* const end_;
  const char separator_;
  const bool fast_;
  const char decimal_;
  const Format& format_;
  const Rules& rules_;
  const std::span<const FieldPlan> plan_;
  Piece& piece_;
  std::size_t room_;  // rows that fit
  std::string scratch_;
};

}  // namespace

void parse(std::string_view chunk, const char* end, const Format& format, const Rules& rules,
           std::span<const FieldPlan> plan, Piece& piece) {
  check_characters(chunk);
  piece.bytes = chunk.size();
  Parser(end, format, rules, plan, piece).records(chunk.data(), chunk.data() + chunk.size());
}

}  // namespace tarn::io::csv
