// The header line of a CSV text.
#pragma once

#include <string>
#include <vector>

#include "data/csv/piece.hpp"
#include "data/source.hpp"

namespace tarn::io::csv {

struct Header {
  Format format;
  std::vector<std::string> names;
  const char* body = nullptr;  // where the rows begin
};

/// After `skip` lines. Throws InputError: nothing there, names twice, empty, or numbers.
Header read_header(const Source& source, std::size_t skip, const Rules& rules);

}  // namespace tarn::io::csv
