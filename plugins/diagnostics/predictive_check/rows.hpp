// Rows by blocks, and some of the rows.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "tarn/design.hpp"

namespace tarn::predictive_check {

constexpr std::size_t block_rows = 4096;
constexpr std::size_t rows_at_once = 200;  // that are asked in all draws

/// Calls visit(number of the block, its rows) for all rows.
void for_blocks(const RowSource& source,
                const std::function<void(std::size_t block, const Rows& rows)>& visit);

/// At most so many numbers below `count`, evenly spaced.
std::vector<std::size_t> evenly(std::size_t count, std::size_t most);

}  // namespace tarn::predictive_check
