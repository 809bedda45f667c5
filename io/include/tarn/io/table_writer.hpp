// Tables to data files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tarn/table.hpp"

namespace tarn::io {

/// CSV as read_table() reads it (RFC 4180): numbers with the digits that give them back to the last
/// bit, missing cells as NA.
std::string csv_text(const Table& table);

/// A text, through a file beside it that is renamed: FILE is the old one or the new one, whole.
/// Throws UsageError where FILE exists, unless `force`, and IoError.
void write_text(const std::filesystem::path& file, std::string_view text, bool force);

}  // namespace tarn::io
