// A data file as its text.
#pragma once

#include <string>

#include "data/bytes.hpp"
#include "tarn/io/table_reader.hpp"

namespace tarn::io {

struct Source {
  std::string path;   // as given; "-": standard input
  std::string label;  // in messages: 'data.csv' in quotes, or standard input
  Bytes raw;          // as on disk
  Bytes text;         // uncompressed
};

/// Opens and maps or reads a file; still compressed. Throws InputError or IoError.
Source open_source(const std::string& path);

/// Fills `text`. Throws InputError where it is empty, damaged, or plainly not a table.
void uncompress(Source& source);

/// Makes `text` UTF-8, if the bytes are in another encoding, and lines that begin with `comment`
/// blank, so that all keep their numbers. Throws InputError where the text is UTF-8 already.
void recode(Source& source, Encoding encoding, char comment);

}  // namespace tarn::io
