// Texts in older encodings, and comments.
#include <array>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "data/csv/record.hpp"
#include "data/source.hpp"
#include "tarn/error.hpp"

namespace tarn::io {
namespace {

/// Windows-1252 from 0x80 to 0x9F; 0 where it has no character.
constexpr std::array<char16_t, 32> windows = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

const char* name_of(Encoding encoding) {
  return encoding == Encoding::latin1 ? "latin1" : "windows-1252";
}

bool is_utf8(std::string_view text) {
  try {
    csv::check_characters(text);
  } catch (const csv::Fault&) {
    return false;
  }
  return true;
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if ((c & 0x80) != 0) return false;
  }
  return true;
}

char16_t code_point(const Source& source, const char* at, Encoding encoding) {
  const auto byte = static_cast<unsigned char>(*at);
  if (encoding == Encoding::latin1 || byte < 0x80 || byte > 0x9F) return byte;
  if (const char16_t point = windows[byte - 0x80U]) return point;
  throw InputError(
      fmt::format("line {} of {} holds the byte 0x{:02X}, which windows-1252 does not "
                  "have; save the file as UTF-8",
                  csv::line_of(source.text.view(), at), source.label, byte));
}

Bytes to_utf8(const Source& source, Encoding encoding) {
  const std::string_view text = source.text.view();
  Buffer buffer;
  for (const char& c : text) {
    char* const room = buffer.room(3);
    const char16_t point = code_point(source, &c, encoding);
    if (point < 0x80) {
      room[0] = c;
      buffer.grow(1);
    } else if (point < 0x800) {
      room[0] = static_cast<char>(0xC0 | (point >> 6));
      room[1] = static_cast<char>(0x80 | (point & 0x3F));
      buffer.grow(2);
    } else {
      room[0] = static_cast<char>(0xE0 | (point >> 12));
      room[1] = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
      room[2] = static_cast<char>(0x80 | (point & 0x3F));
      buffer.grow(3);
    }
  }
  return std::move(buffer).finish();
}

bool separates(char c) { return c == ',' || c == ';' || c == '\t' || c == '|'; }

/// A line that begins inside a quoted cell is no comment.
Bytes without_comments(std::string_view text, char comment) {
  Buffer buffer;
  char* const out = buffer.room(text.size());
  std::memcpy(out, text.data(), text.size());
  bool quoted = false, line_begins = true, field_begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      quoted = c != '"';  // of a doubled quote the second opens it again
      field_begins = !quoted;
    } else if (line_begins && c == comment) {
      for (; i < text.size() && !csv::is_line_end(text[i]); ++i) out[i] = ' ';
      --i;
    } else if (c == '"' && field_begins) {
      quoted = true;
      line_begins = false;
    } else {
      const bool ends = csv::is_line_end(c);
      const bool blank = c == ' ' || c == '\t';
      line_begins = ends || (line_begins && blank);
      field_begins = ends || separates(c) || (field_begins && blank);
    }
  }
  buffer.grow(text.size());
  return std::move(buffer).finish();
}

}  // namespace

void recode(Source& source, Encoding encoding, char comment) {
  if (encoding != Encoding::utf8) {
    const std::string_view text = source.text.view();
    // Two or more bytes that make a character by accident in every place do not occur.
    if (!is_ascii(text) && is_utf8(text)) {
      throw InputError(fmt::format("{} is UTF-8 already; leave --encoding {} out", source.label,
                                   name_of(encoding)));
    }
    source.text = to_utf8(source, encoding);
  }
  if (comment != '\0') source.text = without_comments(source.text.view(), comment);
}

}  // namespace tarn::io
