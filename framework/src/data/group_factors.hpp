// The rows of each level with the columns of its terms taken out.
#pragma once

#include <cstddef>

#include "tarn/design.hpp"
#include "tarn/moments.hpp"

namespace tarn {

/// One pass over the rows, in any order of the levels.
GroupFactors factors_of(const Design& design, std::size_t grouping);

}  // namespace tarn
