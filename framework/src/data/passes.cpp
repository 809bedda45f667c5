// Runs of rows, factored side by side.
#include "data/passes.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "tarn/factor.hpp"
#include "tarn/parallel_for.hpp"

namespace tarn {
namespace {

constexpr std::size_t block_rows = 256;   // a block and its factor stay in the first cache
constexpr std::size_t run_rows = 16'384;  // what is folded: its length fixes the bits

}  // namespace

void in_parallel(std::size_t parts, const std::function<void(std::size_t)>& work) {
  parallel_for(parts, std::thread::hardware_concurrency(),
               [&work](std::size_t part, std::size_t) { work(part); });
}

void for_blocks(const Design& design, std::size_t first, std::size_t last,
                const std::function<void(const Rows& rows, MatrixRef d)>& visit) {
  const auto p = static_cast<Eigen::Index>(design.size());
  Rows rows;
  Matrix d(block_rows, p + 1);
  for (std::size_t at = first; at < last; at += block_rows) {
    const std::size_t count = std::min(block_rows, last - at);
    design.rows->read(at, count, rows);
    auto block = d.topRows(static_cast<Eigen::Index>(count));
    block.leftCols(p) = rows.X;
    block.col(p) = rows.less_offset();
    visit(rows, block);
  }
}

Moments moments_of_rows(const Design& design,
                        const std::function<void(const Rows& rows, MatrixRef d)>& prepare) {
  struct Run {
    TriangularFactor factor;
    double rows = 0;
    double log_weight = 0;
  };
  const std::size_t n = design.rows->count();
  const TriangularFactor none(static_cast<Eigen::Index>(design.size()) + 1);
  std::vector<Run> runs((n + run_rows - 1) / run_rows, Run{none});
  in_parallel(runs.size(), [&](std::size_t k) {
    Run& run = runs[k];
    const std::size_t first = k * run_rows;
    for_blocks(design, first, std::min(n, first + run_rows), [&](const Rows& rows, MatrixRef d) {
      const auto w = rows.frequency.array();
      run.rows += w.sum();
      if (design.known_errors) run.log_weight += 0.5 * (w * (rows.weight.array() / w).log()).sum();
      prepare(rows, d);
      run.factor.add(d);
    });
  });

  TriangularFactor factor = none;
  Moments total;
  for (const Run& run : runs) {
    factor.add(run.factor);
    total.rows += run.rows;
    total.log_weight += run.log_weight;
  }
  total.factor = factor.matrix();
  return total;
}

}  // namespace tarn
