// Draws replicates by blocks of rows: a block is evaluated once for all of them.
#include "replicates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

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
  double sum = 0;  // of what statistics are of
};

Range range_of(const RowSource& rows, bool shares) {
  Range range;
  for_blocks(rows, [&](std::size_t, const Rows& block) {
    range.low = std::min(range.low, block.y.minCoeff());
    range.high = std::max(range.high, block.y.maxCoeff());
    for (Eigen::Index i = 0; i < block.y.size(); ++i) {
      const double of = shares ? block.trials[i] : 1;
      if (of > 0) range.sum += block.y[i] / of;
    }
  });
  return range;
}

/// Half of the data's range and more on both sides, or from the least possible whole number on.
Grid grid_for(const Range& range, ResponseKind kind, std::size_t categories) {
  Grid grid;
  if (!is_whole(kind)) {
    const double span = std::max(range.high - range.low, 1e-300);
    grid.low = range.low - 0.5 * span;
    grid.width = 2 * span / static_cast<double>(grid.bins);
    return grid;
  }
  constexpr double most = 40;  // bins that hold the data
  const double least = kind == ResponseKind::category ? 1 : 0;
  grid.low = least - 0.5;
  grid.width = std::ceil((range.high - least + 1) / most);
  grid.bins = static_cast<std::size_t>(std::ceil(1.5 * (range.high - least + 1) / grid.width));
  if (kind == ResponseKind::binary) grid.bins = 2;
  if (categories > 0) {
    grid.width = 1;
    grid.bins = categories;
  }
  return grid;
}

/// Names of categories, else their numbers.
std::vector<std::string> labels_of(const Design& design, ResponseKind kind, const Grid& grid) {
  if (kind == ResponseKind::category && !design.categories.empty()) return design.categories;
  if (kind != ResponseKind::category && kind != ResponseKind::binary) return {};
  std::vector<std::string> labels;
  for (std::size_t k = 0; k < grid.bins; ++k) {
    labels.push_back(fmt::format("{:g}", grid.edge(k) + grid.width / 2));
  }
  return labels;
}

}  // namespace

ResponseKind kind_of(const Design& design) {
  const ResponseKind kind = tarn::kind_of(*design.family);
  return kind == ResponseKind::successes && !design.has_trials ? ResponseKind::binary : kind;
}

bool is_whole(ResponseKind kind) { return is_discrete(kind); }

Matrix some_draws(const Draws& posterior, std::size_t most) {
  return select_draws(posterior, evenly(posterior.chains() * posterior.draws(), most));
}

Replicated replicate(const Fit& fit, const Matrix& thetas) {
  const Design& design = fit.model->design;
  const ResponseKind kind = kind_of(design);
  const bool shares = kind == ResponseKind::successes;
  const Range range = range_of(*design.rows, shares);
  const Grid grid = grid_for(range, kind, design.categories.size());
  std::vector<std::size_t> levels;
  for (const Grouping& grouping : design.groupings) {
    levels.push_back(grouping.levels.size() <= most_levels ? grouping.levels.size() : 0);
  }
  const Shape empty(grid, range.sum / static_cast<double>(design.rows->count()), levels, shares);

  Replicated result{kind, labels_of(design, kind, grid), grid, empty, {}};
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
