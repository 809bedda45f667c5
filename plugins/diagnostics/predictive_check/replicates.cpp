// Draws replicates by blocks of rows: a block is evaluated once for all of them.
#include "replicates.hpp"

#include <algorithm>
#include <limits>

#include "rows.hpp"
#include "tarn/draws.hpp"
#include "tarn/parallel_for.hpp"

namespace tarn::predictive_check {
namespace {

/// Sums over each level are kept for every replicate: 200 MB at most.
constexpr std::size_t most_levels = 20'000;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  double sum = 0;
};

Range range_of(const RowSource& rows) {
  Range range;
  for_blocks(rows, [&](std::size_t, const Rows& block) {
    const Vector y = block.y;
    range.low = std::min(range.low, y.minCoeff());
    range.high = std::max(range.high, y.maxCoeff());
    range.sum += y.sum();
  });
  return range;
}

}  // namespace

Matrix some_draws(const Draws& posterior, std::size_t most) {
  return select_draws(posterior, evenly(posterior.chains() * posterior.draws(), most));
}

Replicated replicate(const Fit& fit, const Matrix& thetas) {
  const Design& design = fit.model->design;
  const Range range = range_of(*design.rows);
  const double span = std::max(range.high - range.low, 1e-300);
  Grid grid;
  grid.low = range.low - 0.5 * span;
  grid.width = 2 * span / static_cast<double>(grid.bins);
  std::vector<std::size_t> levels;
  for (const Grouping& grouping : design.groupings) {
    levels.push_back(grouping.levels.size() <= most_levels ? grouping.levels.size() : 0);
  }
  const Shape empty(grid, range.sum / static_cast<double>(design.rows->count()), levels);

  Replicated result{grid, empty, {}};
  for_blocks(*design.rows, [&](std::size_t, const Rows& rows) { result.data.add(rows, rows.y); });
  const auto count = as_size(thetas.cols());
  result.replicates.assign(count, empty);
  const std::size_t threads = std::max<std::size_t>(1, std::min(fit.threads, count));
  parallel_for(threads, threads, [&](std::size_t part, std::size_t) {
    const auto model = fit.model->make();
    auto* predictive = query<Predictive>(*model);
    Vector y;
    for_blocks(*design.rows, [&](std::size_t block, const Rows& rows) {
      y.resize(rows.y.size());
      for (std::size_t k = part; k < count; k += threads) {
        Rng rng({fit.seed, static_cast<std::uint32_t>(k), Purpose::predict, block});
        predictive->predict(thetas.col(as_index(k)), rows, y, rng);
        result.replicates[k].add(rows, y);
      }
    });
  });
  return result;
}

}  // namespace tarn::predictive_check
