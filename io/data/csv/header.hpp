// The header line of a CSV text.
#pragma once

#include <string>
#include <vector>

#include "data/source.hpp"

namespace tarn::io::csv {

struct Header {
  char separator = ',';
  std::vector<std::string> names;
  const char* body = nullptr;  // where the rows begin
};

/// Throws InputError: nothing there, names twice, empty, or numbers.
Header read_header(const Source& source);

}  // namespace tarn::io::csv
