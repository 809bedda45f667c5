// Records and fields of a CSV text: RFC 4180, with any line end, and blanks around quotes.
#pragma once

#include <string>
#include <string_view>

#include "data/csv/words.hpp"
#include "tarn/error.hpp"

namespace tarn::io::csv {

// Texts end in NULs that may be read (Bytes::padding) and hold none: NUL is the end of the text.

/// What is wrong with a text, and where.
struct Fault {
  enum class Kind { binary, not_utf8, ragged, nameless, never_closed, after_quote };
  Kind kind;
  const char* at;
  std::size_t fields = 0;     // ragged: so many were found; nameless: the column of the value
  std::size_t expected = 0;   // and so many are in the header
  bool short_header = false;  // which leaves out the row names
};

/// The fault as a sentence; `source` names the file, `text` is the whole of it.
InputError explain(const Fault& fault, std::string_view text, const std::string& source);

/// Counted from 1; quoted line ends count.
std::size_t line_of(std::string_view text, const char* at) noexcept;

inline bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }

inline bool ends_field(char c, char separator) noexcept {
  return c == separator || is_line_end(c) || c == '\0';
}

/// Past the line end at `p`, if there is one.
inline const char* skip_line_end(const char* p) noexcept {
  if (*p == '\r')
    ++p, p += *p == '\n';
  else if (*p == '\n')
    ++p;
  return p;
}

inline const char* skip_blanks(const char* p, char separator) noexcept {
  while (*p == ' ' || (*p == '\t' && separator != '\t')) ++p;
  return p;
}

/// Past empty lines and lines of blanks.
inline const char* skip_blank_lines(const char* p, char separator) noexcept {
  for (;;) {
    const char* const q = skip_blanks(p, separator);
    if (!is_line_end(*q)) return *q == '\0' ? q : p;
    p = skip_line_end(q);
  }
}

/// Where the unquoted field at `p` ends.
inline const char* find_field_end(const char* p, char separator) noexcept {
  for (;; p += 8) {
    const std::uint64_t word = load_word(p);
    const std::uint64_t marks =
        mark(word, separator) | mark(word, '\n') | mark(word, '\r') | mark(word, '\0');
    if (marks != 0) return p + before_mark(marks);
  }
}

struct Field {
  std::string_view text;      // without its quotes and the blanks around it
  const char* end = nullptr;  // the separator, line end or NUL that ends it
  bool doubled_quotes = false;
};

/// The field at `p`; throws Fault. `end` is the end of the text.
Field read_field(const char* p, const char* end, char separator);

/// What the field says; `scratch` holds it where doubled quotes must be undone.
std::string_view undoubled(const Field& field, std::string& scratch);

/// Past the first record that ends at or after `target`; a record starts at `begin`. Throws Fault
/// where a quote is never closed.
const char* find_record_end(const char* begin, const char* target, const char* end, char separator);

/// Throws Fault for a NUL and for what is not UTF-8 (Unicode 15, table 3-7).
void check_characters(std::string_view text);

}  // namespace tarn::io::csv
