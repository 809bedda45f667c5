// SHA-256 of the names and labels that say what draws mean.
#pragma once

#include <string>

#include "chains/schema.hpp"
#include "tarn/layout.hpp"

namespace tarn::io {

/// The same whether it is taken of what is written or of what was read.
std::string layout_digest(const GroupSchema& posterior, const GroupSchema& statistics);
std::string layout_digest(const Layout& posterior, const Layout& statistics);

}  // namespace tarn::io
