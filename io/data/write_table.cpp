// CSV in one piece.
#include "tarn/io/table_writer.hpp"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "files/hidden_file.hpp"
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
  std::error_code error;
  if (!force && fs::exists(fs::symlink_status(file, error))) refuse(file);
  // A name of this process's own; what lies there, a link above all, is never written through.
  HiddenFile beside(file, fmt::format("{}.new", ::getpid()));
  beside.clear();
  const auto fail = [&file](int reason) {
    throw IoError(fmt::format("cannot write '{}': {}; choose another place, or free some space",
                              file.string(), std::generic_category().message(reason)));
  };
  const int descriptor =
      ::open(beside.path().c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(errno);
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      ::close(descriptor);
      fail(reason);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::close(descriptor) != 0) fail(errno);
  const int reason = beside.rename_to(file, force);
  if (reason == EEXIST) refuse(file);
  if (reason != 0) fail(reason);
}

}  // namespace tarn::io
