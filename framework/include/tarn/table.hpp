// Columns as read from a data file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

/// A column of numbers (all its present cells are numbers) or of text (dictionary-encoded).
struct Column {
  std::string name;
  bool is_text = false;
  std::vector<double> numbers = {};      // NaN where missing; empty for a text column
  std::vector<std::int32_t> codes = {};  // index into levels, -1 where missing; empty for numbers
  std::vector<std::string> levels = {};  // distinct texts, in order of first appearance
  std::size_t missing = 0;

  // A text column that also holds numbers is often a spoiled column of numbers: where the first
  // text stands, for messages. Where all cells are numbers and the column is text all the same,
  // these are identifiers, which numbers would make equal: the first whole number with leading
  // zeros, or too long for a double.
  std::size_t number_cells = 0;
  std::size_t first_text_line = 0;  // line in the file, counted from 1; 0: none
  std::string first_text_file = {};
  std::string first_text = {};

  /// What was taken as missing in a column of text, empty cells apart.
  struct MissingCode {
    std::string code;
    std::size_t cells = 0;
    bool stated = false;  // by the user, not by the standard list
  };
  std::vector<MissingCode> missing_codes = {};
};

/// A data set in memory. Rows are numbered from 1 in messages and labels.
struct Table {
  std::vector<Column> columns;
  std::size_t rows = 0;
  std::string source;  // "data.csv", "3 files", "standard input": for messages
  std::string sha256;  // hex digest of the bytes as read

  const Column* find(std::string_view name) const noexcept;

  /// Throws InputError that names the nearest column and lists the columns.
  const Column& at(std::string_view name) const;
};

/// Some rows, numbered from 1 and in order, of some columns of a table; levels of text that do not
/// occur in them are left out.
Table rows_of(const Table& table, std::span<const std::string> columns,
              std::span<const std::size_t> row_numbers);

/// `there is no column 'agee' in data.csv; did you mean 'age'? its columns are age and y`
std::string unknown_column(std::string_view name, std::span<const std::string> columns,
                           std::string_view source);

}  // namespace tarn
