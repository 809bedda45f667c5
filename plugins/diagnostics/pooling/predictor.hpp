// What rows are predicted to be at the posterior means.
#pragma once

#include "groups.hpp"
#include "tarn/rows.hpp"

namespace tarn::pooling {

constexpr std::size_t block_rows = 4096;

/// Z of all terms on a grouping.
Matrix columns(const Design& design, std::size_t grouping, const Rows& rows);

/// X b, the offset, and the effects of all groupings but this one.
Vector predictor(const Design& design, std::size_t grouping, const Means& means, const Rows& rows);

/// Effects of a grouping from the user's coordinates to those of `columns`.
Matrix working_effects(const Design& design, std::size_t grouping, Matrix r);

}  // namespace tarn::pooling
