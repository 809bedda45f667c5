// Records and fields of a CSV text: RFC 4180, with any line end, and blanks around quotes.
#include "data/csv/record.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "tarn/index.hpp"

namespace tarn::io::csv {
namespace {

const char* find_quote(const char* begin, const char* end) noexcept {
  return static_cast<const char*>(std::memchr(begin, '"', as_size(end - begin)));
}

struct Closing {
  const char* quote;
  bool doubled_quotes;
};

/// The quote that closes the one at `open`.
Closing find_closing(const char* open, const char* end) {
  bool doubled = false;
  for (const char* p = open + 1;; p += 2, doubled = true) {
    p = p < end ? find_quote(p, end) : nullptr;
    if (!p) throw Fault{Fault::Kind::never_closed, open};
    if (p[1] != '"') return {p, doubled};
  }
}

const char* find_line_end(const char* p, const char* end) noexcept {
  return std::find_if(p, end, is_line_end);
}

/// Does the quote at `p` open a field, not stand inside one?
bool opens_field(const char* begin, const char* p, char separator) noexcept {
  while (p > begin && (p[-1] == ' ' || (p[-1] == '\t' && separator != '\t'))) --p;
  return p == begin || p[-1] == separator || is_line_end(p[-1]);
}

/// The length of the character at `p`, 0 where it is none; the bytes past the text are NUL.
int utf8_length(const unsigned char* p) noexcept {
  const auto follows = [](unsigned char c) { return (c & 0xC0) == 0x80; };
  const unsigned char a = p[0], b = p[1];
  if (a < 0x80) return 1;
  if (a < 0xC2 || a > 0xF4 || !follows(b)) return 0;
  if (a < 0xE0) return 2;
  if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) return 0;  // overlong; surrogates
  if (!follows(p[2])) return 0;
  if (a < 0xF0) return 3;
  if ((a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F)) return 0;  // overlong; past U+10FFFF
  return follows(p[3]) ? 4 : 0;
}

}  // namespace

InputError explain(const Fault& fault, std::string_view text, const std::string& source) {
  const std::string line = fmt::format("line {} of {}", line_of(text, fault.at), source);
  switch (fault.kind) {
    case Fault::Kind::binary:
      return InputError(fmt::format("{} holds a NUL byte; tarn reads CSV as text in UTF-8", line));
    case Fault::Kind::not_utf8:
      return InputError(
          fmt::format("{} is not UTF-8 (byte 0x{:02X}); save the file as UTF-8, or say what it is: "
                      "--encoding windows-1252 or --encoding latin1",
                      line, static_cast<unsigned char>(*fault.at)));
    case Fault::Kind::nameless:
      return InputError(
          fmt::format("{} has a value in column {}, which has no name; name it in the header line",
                      line, fault.fields));
    case Fault::Kind::ragged:
      if (fault.short_header) {
        return InputError(fmt::format(
            "{} has {} field{}, but those before it have {}: row names and the {} columns that the "
            "header line names",
            line, fault.fields, fault.fields == 1 ? "" : "s", fault.expected + 1, fault.expected));
      }
      return InputError(fmt::format(
          "{} has {} field{}, but the header line has {}; a cell that holds the separator must "
          "stand in quotes",
          line, fault.fields, fault.fields == 1 ? "" : "s", fault.expected));
    case Fault::Kind::never_closed:
      return InputError(fmt::format(
          "{} opens a quote that is never closed; close it, or write \"\" for a quote in a cell",
          line));
    case Fault::Kind::after_quote:
      return InputError(fmt::format(
          "{} has text after a closing quote; write \"\" for a quote in a quoted cell", line));
  }
  return InputError(line);
}

std::size_t line_of(std::string_view text, const char* at) noexcept {
  const char* const begin = text.data();
  auto line = as_size(1 + std::count(begin, at, '\n'));
  for (const char* p = begin; p < at; ++p) {
    p = static_cast<const char*>(std::memchr(p, '\r', as_size(at - p)));
    if (!p) break;
    line += p[1] != '\n';
  }
  return line;
}

Field read_field(const char* p, const char* end, char separator) {
  p = skip_blanks(p, separator);
  if (*p != '"') {
    const char* const stop = find_field_end(p, separator);
    const char* last = stop;
    while (last > p && (last[-1] == ' ' || last[-1] == '\t')) --last;
    return {{p, as_size(last - p)}, stop, false};
  }
  const auto [quote, doubled] = find_closing(p, end);
  const char* const stop = skip_blanks(quote + 1, separator);
  if (!ends_field(*stop, separator)) throw Fault{Fault::Kind::after_quote, quote};
  return {{p + 1, as_size(quote - p - 1)}, stop, doubled};
}

std::string_view undoubled(const Field& field, std::string& scratch) {
  if (!field.doubled_quotes) return field.text;
  scratch.clear();
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    scratch += field.text[i];
    if (field.text[i] == '"') ++i;
  }
  return scratch;
}

const char* find_record_end(const char* begin, const char* target, const char* end,
                            char separator) {
  const char* outside = begin;  // no quote is open here
  const char* line_end = find_line_end(target, end);
  for (;;) {
    if (line_end < outside) line_end = find_line_end(outside, end);
    const char* const quote = find_quote(outside, line_end);
    if (!quote) return skip_line_end(line_end);
    outside = 1 + (opens_field(begin, quote, separator) ? find_closing(quote, end).quote : quote);
  }
}

void check_characters(std::string_view text) {
  std::uint64_t any = 0, zeros = 0;
  const std::size_t words = text.size() / 8;
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t word = load_word(text.data() + 8 * i);
    any |= word;
    zeros |= (word - ones) & ~word;
  }
  for (const char c : text.substr(8 * words)) {
    any |= static_cast<unsigned char>(c);
    if (c == '\0') zeros = tops;
  }
  if (zeros & tops) throw Fault{Fault::Kind::binary, text.data() + text.find('\0')};
  if ((any & tops) == 0) return;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p < end;) {
    if ((load_word(p) & tops) == 0) {
      p += 8;
      continue;
    }
    const int length = utf8_length(reinterpret_cast<const unsigned char*>(p));
    if (length == 0) throw Fault{Fault::Kind::not_utf8, p};
    p += length;
  }
}

}  // namespace tarn::io::csv
