// Data files to tables.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/table.hpp"

namespace tarn::io {

struct TableOptions {
  std::vector<std::string> columns = {};  // only these; empty: all
};

/// Reads .csv, .csv.gz, or `-` (standard input); several files become one table and must have the
/// same columns. Throws InputError (no such file, empty, a directory, binary, ragged row with its
/// line, unterminated quote) or IoError.
std::shared_ptr<const Table> read_table(std::span<const std::string> files,
                                        const TableOptions& options = {});

}  // namespace tarn::io
