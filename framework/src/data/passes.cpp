// Blocks of rows, read in their order.
#include "data/passes.hpp"

#include <thread>

namespace tarn {

void in_parallel(std::size_t parts, const std::function<void(std::size_t)>& work) {
  parallel_for(parts, std::thread::hardware_concurrency(),
               [&work](std::size_t part, std::size_t) { work(part); });
}

std::size_t threads_for(const RowSource& rows, std::size_t levels) {
  const std::size_t most = rows.count() / (4 * std::max<std::size_t>(levels, 1));
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1,
                                 std::max<std::size_t>(most, 1));
}

void for_blocks(const RowSource& rows, std::size_t first, std::size_t last,
                const std::function<void(const Rows& rows)>& visit) {
  constexpr std::size_t block_rows = 1024;  // stay in the second cache
  for_each_block(rows, first, last, block_rows, [&](Rows& block) {
    if (block.offset.size() > 0) block.y -= block.offset;
    visit(block);
  });
}

}  // namespace tarn
