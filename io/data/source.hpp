// A data file as its text.
#pragma once

#include <string>

#include "data/bytes.hpp"

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

}  // namespace tarn::io
