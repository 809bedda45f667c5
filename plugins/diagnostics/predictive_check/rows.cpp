// Copies single rows from blocks that are read once.
#include "rows.hpp"

#include <algorithm>

namespace tarn::predictive_check {

void for_blocks(const RowSource& source,
                const std::function<void(std::size_t block, const Rows& rows)>& visit) {
  Rows rows;
  for (std::size_t first = 0; first < source.count(); first += block_rows) {
    source.read(first, std::min(block_rows, source.count() - first), rows);
    visit(first / block_rows, rows);
  }
}

std::vector<std::size_t> evenly(std::size_t count, std::size_t most) {
  const std::size_t n = std::min(count, most);
  std::vector<std::size_t> numbers(n);
  for (std::size_t k = 0; k < n; ++k) numbers[k] = (2 * k + 1) * count / (2 * n);
  return numbers;
}

}  // namespace tarn::predictive_check
