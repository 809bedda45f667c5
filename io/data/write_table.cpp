// CSV in one piece.
#include "tarn/io/table_writer.hpp"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "files/failures.hpp"
#include "files/hidden_file.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"

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

[[noreturn]] void refuse(const fs::path& file) {
  throw UsageError(
      fmt::format("'{}' exists; give another name, or replace it with --force", file.string()));
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
        text += code < 0 ? "NA" : quoted(unarmed(column.levels[as_size(code)]));
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
  std::error_code ignored;
  if (!force && fs::exists(fs::symlink_status(file, ignored))) refuse(file);
  // A name of this process's own.
  HiddenFile beside(file, fmt::format("{}.new", ::getpid()));
  beside.clear();
  int error = beside.write(text);
  if (error == 0) error = beside.publish(file, force);
  if (error == EEXIST) refuse(file);
  if (error == 0) return;
  throw IoError(fmt::format("cannot write '{}': {}; choose another place, or free some space",
                            file.string(), words(error)));
}

}  // namespace tarn::io
