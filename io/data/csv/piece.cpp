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
  Parser(const char* end, char separator, std::span<const FieldPlan> plan, Piece& piece)
      : end_(end), separator_(separator), plan_(plan), piece_(piece) {
    for (PieceColumn& column : piece_.columns) {
      column.kind = Kind::skipped;
      column.levels.clear();
      column.unquoted.clear();
      column.missing = 0;
      column.spoiled = false;
      column.first_text = nullptr;
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
      if (field == last) ragged(begin);
    }
    if (field != last) ragged(begin);
    return p;
  }

  const char* cell(const char* p, const FieldPlan& field, std::size_t row) {
    if (field.kind == Kind::number) {
      PieceColumn& column = piece_.columns[field.column];
      double& value = column.numbers[row];
      const char* const stop = read_decimal(p, value);
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
    switch (read_cell(undoubled(field, scratch_), value)) {
      case Meaning::number:
        break;
      case Meaning::missing:
        ++column.missing;
        break;
      case Meaning::text:
        if (!column.first_text) column.first_text = p;
        [[fallthrough]];
      case Meaning::long_integer:
        column.spoiled = true;
    }
    return field.end;
  }

  const char* text(const char* p, PieceColumn& column, std::int32_t& code) {
    const Field field = read_field(p, end_, separator_);
    std::string_view content = undoubled(field, scratch_);
    if (is_missing(without_blanks(content))) {
      code = -1;
      ++column.missing;
      return field.end;
    }
    if (field.doubled_quotes) content = column.unquoted.emplace_back(content);
    const std::size_t known = column.levels.size();
    code = column.levels.code(content);
    const bool is_new = column.levels.size() > known;
    if (field.doubled_quotes && !is_new) column.unquoted.pop_back();
    double number;
    if (is_new && !column.first_text && read_cell(content, number) == Meaning::text) {
      column.first_text = p;
    }
    return field.end;
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
    throw Fault{Fault::Kind::ragged, record, fields, plan_.size()};
  }

  const char* const end_;
  const char separator_;
  const std::span<const FieldPlan> plan_;
  Piece& piece_;
  std::size_t room_;  // rows that fit
  std::string scratch_;
};

}  // namespace

void parse(std::string_view chunk, const char* end, char separator, std::span<const FieldPlan> plan,
           Piece& piece) {
  check_characters(chunk);
  piece.bytes = chunk.size();
  Parser(end, separator, plan, piece).records(chunk.data(), chunk.data() + chunk.size());
}

}  // namespace tarn::io::csv
