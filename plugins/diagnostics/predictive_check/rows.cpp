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

Rows rows_at(const RowSource& source, const std::vector<std::size_t>& numbers) {
  Rows chosen;
  const auto n = static_cast<Eigen::Index>(numbers.size());
  Eigen::Index to = 0;
  for_blocks(source, [&](std::size_t block, const Rows& rows) {
    if (block == 0) {
      chosen.X.resize(n, rows.X.cols());
      for (Vector* part : {&chosen.y, &chosen.frequency, &chosen.weight}) part->resize(n);
      chosen.offset.resize(rows.offset.size() > 0 ? n : 0);
      for (const Matrix& Z : rows.Z) chosen.Z.emplace_back(n, Z.cols());
      chosen.level.resize(rows.level.size());
    }
    const std::size_t first = block * block_rows;
    while (to < n) {
      const std::size_t number = numbers[static_cast<std::size_t>(to)];
      if (number >= first + rows.count()) break;
      const auto i = static_cast<Eigen::Index>(number - first);
      chosen.X.row(to) = rows.X.row(i);
      chosen.y[to] = rows.y[i];
      chosen.frequency[to] = rows.frequency[i];
      chosen.weight[to] = rows.weight[i];
      if (rows.offset.size() > 0) chosen.offset[to] = rows.offset[i];
      for (std::size_t t = 0; t < rows.Z.size(); ++t) chosen.Z[t].row(to) = rows.Z[t].row(i);
      for (std::size_t g = 0; g < rows.level.size(); ++g) {
        chosen.level[g].push_back(rows.level[g][static_cast<std::size_t>(i)]);
      }
      ++to;
    }
  });
  return chosen;
}

Vector with_offset(Vector y, const Rows& rows) {
  if (rows.offset.size() > 0) y += rows.offset;
  return y;
}

}  // namespace tarn::predictive_check
