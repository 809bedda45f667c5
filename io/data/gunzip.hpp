// Compressed files: gzip to the bytes it holds.
#pragma once

#include <string>
#include <string_view>

#include "data/bytes.hpp"

namespace tarn::io {

/// By content, never by name.
bool is_gzip(std::string_view bytes) noexcept;

/// All members of a gzip file, one after the other; `source` names it in an InputError.
Bytes gunzip(std::string_view compressed, const std::string& source);

}  // namespace tarn::io
