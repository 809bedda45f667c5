// A column of text where numbers are needed: what its cells say, and what to type.
#include "data/formula/cells/complaint.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "data/formula/cells/notation.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

std::vector<std::string_view> levels_of(const Column& column) {
  return {column.levels.begin(), column.levels.end()};
}

/// Each once, in the order of the table.
std::vector<std::string_view> cells_used(const Column& column, const Frame& frame) {
  std::vector<char> seen(column.levels.size());
  for (std::size_t i = 0; i < frame.count(); ++i) {
    const std::int32_t code = column.codes[frame.row(i)];
    if (code >= 0) seen[as_size(code)] = 1;
  }
  std::vector<std::string_view> cells;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != 0) cells.emplace_back(column.levels[i]);
  }
  return cells;
}

/// `line 17 of b.csv says '3,14'`, or `it says '3,14'` where the line is not known.
std::string says(const Column& column, std::string_view otherwise) {
  if (column.first_text_line == 0) return fmt::format("it says '{}'", shown(otherwise));
  std::string place = fmt::format("line {}", column.first_text_line);
  if (!column.first_text_file.empty()) place += " of " + shown(column.first_text_file);
  return fmt::format("{} says '{}'", place, shown(column.first_text));
}

std::string_view what(Notation notation) {
  switch (notation) {
    case Notation::decimal_commas:
      return "numbers with decimal commas";
    case Notation::commas:
      return "numbers with commas";
    case Notation::thousands:
      return "numbers with separators of thousands";
    case Notation::both:
      return "numbers with decimal commas and separators of thousands";
    case Notation::unit:
      return "numbers with a unit";
    case Notation::dates:
      return "dates";
    case Notation::times:
      return "times";
    case Notation::padded:
      return "whole numbers with leading zeros";
    case Notation::long_integers:
      return "whole numbers too long to compute with";
    case Notation::plain:
      return "numbers with points";
    case Notation::other:
      return "numbers in another notation";
    case Notation::labels:
      break;
  }
  return "text";
}

/// What to do if these are numbers; `label` stands for the column in the formula.
std::string cure(Notation notation, const std::string& label) {
  switch (notation) {
    case Notation::decimal_commas:
      return "read them with --decimal ,";
    case Notation::commas:
      return "if the comma is a decimal one, read them with --decimal , and if it separates "
             "thousands, take it out";
    case Notation::thousands:
      return "take the separators out";
    case Notation::both:
      return "take the separators of thousands out, and read the rest with --decimal ,";
    case Notation::unit:
      return "write the numbers alone, all in one unit";
    case Notation::dates:
      return "write a column of numbers, such as days since the first one";
    case Notation::times:
      return "write a column of numbers, such as hours since midnight";
    case Notation::padded:
      return fmt::format("write as.numeric({}) if they are numbers", label);
    case Notation::plain:
      return "with --decimal , such a point may separate thousands; write all numbers of the file "
             "in one notation";
    case Notation::other:
      return "write each as a plain number, such as 1234.5";
    case Notation::long_integers:
    case Notation::labels:
      break;
  }
  return {};
}

/// The name as the formula would have it.
std::string named(const Column& column) {
  const bool plain =
      column.name.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == std::string::npos;
  return plain ? column.name : '`' + column.name + '`';
}

std::string holds(const Column& column, const Looks& looks) {
  return fmt::format("column '{}' holds {}: {}", shown(column.name), what(looks.notation),
                     says(column, looks.cell));
}

}  // namespace

std::string holds_text(const Column& column) {
  const Looks looks = looks_of(levels_of(column));
  if (looks.notation == Notation::labels) {
    return fmt::format("column '{}' holds {}: {}", shown(column.name),
                       column.number_cells > 0 ? "numbers and text" : "text",
                       says(column, column.levels.empty() ? "" : column.levels.front()));
  }
  return holds(column, looks);
}

std::string numbers_by(const Column& column) {
  const Looks looks = looks_of(levels_of(column));
  if (looks.notation == Notation::labels && column.number_cells > 0) {
    return fmt::format("; mend the cell, or say --missing '{}' if it stands for a missing value",
                       shown(column.first_text));
  }
  const std::string advice = cure(looks.notation, named(column));
  return advice.empty() ? advice : "; " + advice;
}

std::optional<std::string> no_plain_factor(const Column& column, const std::string& label,
                                           const Frame& frame) {
  const Looks looks = looks_of(cells_used(column, frame));
  if (looks.notation == Notation::labels) {
    if (column.number_cells == 0) return std::nullopt;
    return fmt::format(
        "column '{}' holds numbers and text: {}; mend the cell, say --missing '{}' "
        "if it stands for a missing value, or write factor({}) if the column is a "
        "factor",
        shown(column.name), says(column, ""), shown(column.first_text), label);
  }
  std::string sentence = holds(column, looks);
  if (!looks.odd.empty()) sentence += fmt::format(", and among them stands '{}'", shown(looks.odd));
  const std::string advice = cure(looks.notation, label);
  return fmt::format("{}; {}{}factor({}) if each {} a level", sentence, advice,
                     advice.empty() ? "write " : ", or write ", label,
                     looks.notation == Notation::dates   ? "date is"
                     : looks.notation == Notation::times ? "time is"
                                                         : "value is");
}

}  // namespace tarn::formula
