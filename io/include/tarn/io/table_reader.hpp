// Data files to tables.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/table.hpp"

namespace tarn::io {

struct TableOptions {
  std::vector<std::string> columns = {};     // only these; empty: all
  unsigned threads = 0;                      // 0: as many as the machine has
  std::size_t chunk = std::size_t{1} << 19;  // bytes parsed at a time; the table is the same
};

/// Reads CSV (RFC 4180; UTF-8; any line end; separator comma, or semicolon or tab if the header
/// line says so), also compressed by gzip, or `-`: standard input. Several files become one table
/// and must have the same columns, in any order.
///
/// A cell is missing if it is empty, NA, NaN or nan, in quotes or not; blanks around it do not
/// count. A column is of numbers if all its present cells are. Blank lines are skipped. An empty
/// name of the first column is `row_names`, as R writes them.
///
/// Throws InputError (no such file, a folder, empty, binary, not UTF-8, damaged, ragged or
/// unterminated, with file and line) or IoError.
std::shared_ptr<const Table> read_table(std::span<const std::string> files,
                                        const TableOptions& options = {});

}  // namespace tarn::io
