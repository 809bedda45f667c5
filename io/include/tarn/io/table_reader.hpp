// Data files to tables.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/table.hpp"

namespace tarn::io {

/// Of the bytes of a data file.
enum class Encoding { utf8, latin1, windows_1252 };

/// What is taken as a missing value, besides empty cells and cells of blanks.
struct MissingCodes {
  /// NA, NaN, nan, N/A, n/a, #N/A, NULL, null, None, <NA> and a lone point.
  static const std::vector<std::string>& standard();

  std::vector<std::string> stated = {};  // by the user
  bool keep_standard = true;             // false: the stated ones alone
};

struct TableOptions {
  std::vector<std::string> columns = {};     // only these; empty: all
  unsigned threads = 0;                      // 0: as many as the machine has
  std::size_t chunk = std::size_t{1} << 19;  // bytes parsed at a time; the table is the same
  MissingCodes missing = {};
  char decimal = '.';    // or ','
  std::size_t skip = 0;  // lines before the header line
  char comment = '\0';   // lines that begin with it are skipped; '\0': none
  Encoding encoding = Encoding::utf8;
};

/// Reads CSV (RFC 4180; UTF-8; any line end), also compressed by gzip, or `-`: standard input.
/// Several files become one table and must have the same columns, in any order.
///
/// The separator (comma, semicolon, tab or bar) is the one that the header line and the first rows
/// agree on, or what a first line `sep=;` says. Blank lines are skipped. A first column without a
/// name, and the one that a header line of R leaves out, are `row_names`. Last columns without name
/// and values are left out.
///
/// A cell is missing if it is empty or says one of the codes, in quotes or not; blanks around it do
/// not count. A column is of numbers if all its present cells are; whole numbers with leading zeros
/// are identifiers, and text. With a decimal comma, a column whose points can only be decimal ones
/// is of numbers, too.
///
/// Throws InputError (no such file, a folder, empty, binary, not UTF-8, damaged, ragged or
/// unterminated, with file and line) or IoError.
std::shared_ptr<const Table> read_table(std::span<const std::string> files,
                                        const TableOptions& options = {});

}  // namespace tarn::io
