// A pass over the rows of a design, shared by threads, with the same bits for any number of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "data/moments/tree_accumulator.hpp"
#include "tarn/design.hpp"
#include "tarn/parallel_for.hpp"

namespace tarn {

/// Calls `work(part)` for 0 <= part < parts, on as many threads as there are processors. The first
/// exception is rethrown when all have stopped.
void in_parallel(std::size_t parts, const std::function<void(std::size_t)>& work);

/// Processors, but no more threads than let their tables by level, `levels` long, stay smaller than
/// the data.
std::size_t threads_for(const RowSource& rows, std::size_t levels);

/// Visits blocks of the rows first <= i < last in their order, their offset taken off y.
void for_blocks(const RowSource& rows, std::size_t first, std::size_t last,
                const std::function<void(const Rows& rows)>& visit);

/// Adds all rows to an accumulator that has none yet, leaves side by side.
template <class Accumulator>
void accumulate(const RowSource& rows, std::size_t threads, Accumulator& whole) {
  const std::size_t n = rows.count();
  const std::size_t leaves = (n + leaf_rows - 1) / leaf_rows;
  threads = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(leaves, 1));
  std::vector<std::unique_ptr<Accumulator>> others(threads);
  for (std::size_t t = 1; t < threads; ++t) others[t] = whole.without_rows();
  parallel_for(leaves, threads, [&](std::size_t leaf, std::size_t thread) {
    Accumulator& own = thread == 0 ? whole : *others[thread];
    const std::size_t first = leaf * leaf_rows;
    for_blocks(rows, first, std::min(n, first + leaf_rows),
               [&](const Rows& block) { own.add(block); });
    if (thread != 0) own.move_leaves_to(whole);
  });
  for (std::size_t t = 1; t < threads; ++t) whole.merge(*others[t]);
}

}  // namespace tarn
