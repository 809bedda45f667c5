// How far a run is, in one line.
#pragma once

#include <string>

#include "tarn/runtime.hpp"

namespace tarn {

/// "42 %, 181,000 draws/s, 3 s left, no divergences": the rate counts transitions of all chains.
std::string progress_line(const RunProgress& at);

}  // namespace tarn
