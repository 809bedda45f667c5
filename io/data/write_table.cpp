// CSV in one piece.
#include "tarn/io/table_writer.hpp"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "tarn/error.hpp"

namespace tarn::io {
namespace {

namespace fs = std::filesystem;

/// In quotes where a reader would take it apart, or for a missing or a numeric cell.
std::string quoted(const std::string& text) {
  const bool plain = !text.empty() && text != "NA" && text != "NaN" && text != "nan" &&
                     text.find_first_of(",;\t\"\r\n") == std::string::npos && text.front() != ' ' &&
                     text.back() != ' ';
  if (plain) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

/// A spreadsheet takes a cell that begins so for a formula, and may run it. A quote in front makes
/// it a text; a number, which is none of these, stays as it is.
std::string unarmed(const std::string& text) {
  const bool armed =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  if (!armed) return text;
  const char* const begin = text.data() + (text.front() == '+' ? 1 : 0);
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto read = std::from_chars(begin, end, number);
  return read.ptr == end && read.ec == std::errc{} ? text : '\'' + text;
}

}  // namespace

std::string csv_text(const Table& table) {
  std::string text;
  for (const Column& column : table.columns) {
    text += (&column == table.columns.data() ? "" : ",") + quoted(unarmed(column.name));
  }
  text += '\n';
  for (std::size_t row = 0; row < table.rows; ++row) {
    for (const Column& column : table.columns) {
      if (&column != table.columns.data()) text += ',';
      if (column.is_text) {
        const std::int32_t code = column.codes[row];
        text += code < 0 ? "NA" : quoted(unarmed(column.levels[static_cast<std::size_t>(code)]));
      } else if (std::isnan(column.numbers[row])) {
        text += "NA";
      } else {
        fmt::format_to(std::back_inserter(text), "{}", column.numbers[row]);
      }
    }
    text += '\n';
  }
  return text;
}

void write_text(const fs::path& file, std::string_view text, bool force) {
  if (!force && fs::exists(file)) {
    throw UsageError(
        fmt::format("'{}' exists; give another name, or replace it with --force", file.string()));
  }
  const fs::path beside = file.string() + ".partial";
  const auto fail = [&](const std::string& why) {
    std::error_code ignored;
    fs::remove(beside, ignored);
    throw IoError(fmt::format("cannot write '{}': {}; choose another place, or free some space",
                              file.string(), why));
  };
  {
    errno = 0;
    std::ofstream out(beside, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) fail(std::generic_category().message(errno));
  }
  std::error_code error;
  fs::rename(beside, file, error);
  if (error) fail(error.message());
}

}  // namespace tarn::io
