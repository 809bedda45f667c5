// Passes over the rows of a design, shared by threads, with the same bits for any number of them.
#pragma once

#include <cstddef>
#include <functional>

#include "tarn/design.hpp"
#include "tarn/moments.hpp"

namespace tarn {

/// Calls `work(part)` for 0 <= part < parts, on as many threads as there are processors. The first
/// exception is rethrown when all have stopped.
void in_parallel(std::size_t parts, const std::function<void(std::size_t)>& work);

/// Visits blocks of the rows first <= i < last in their order: `visit(rows, D)`, the rows of D
/// being d_i = (x_i', y_i), to be overwritten at will.
void for_blocks(const Design& design, std::size_t first, std::size_t last,
                const std::function<void(const Rows& rows, MatrixRef d)>& visit);

/// The moments of all blocks after `prepare(rows, D)`: runs of rows are summed up side by side and
/// folded in their order.
Moments moments_of_rows(const Design& design,
                        const std::function<void(const Rows& rows, MatrixRef d)>& prepare);

}  // namespace tarn
