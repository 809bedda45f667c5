// Sorting rows by what they say, merging the equal, and cutting blocks between levels.
#include "regression/row_blocks.hpp"

#include <algorithm>
#include <compare>
#include <numeric>
#include <span>
#include <utility>

#include "tarn/normal_pieces.hpp"

namespace tarn::regression {
namespace {

constexpr std::size_t block_rows = 1024;

/// The order of rows: by levels, then by all else that a likelihood reads. Numbers are compared as
/// numbers: data hold no NaN.
class Order {
 public:
  explicit Order(const Rows& rows) : levels_(rows.levels()) {
    for (const Vector* column : {&rows.offset, &rows.trials, &rows.y}) add(*column);
    add_matrices(rows);
    for (const PredictorRows& predictor : rows.predictors) {
      add(predictor.offset);
      add_matrices(predictor);
    }
    // sigma^2 / w differs between rows with a known error.
    precision_ = rows.weight.cwiseQuotient(rows.frequency);
    columns_.push_back(precision_.data());
  }

  std::strong_ordering compare(std::size_t a, std::size_t b) const {
    for (const auto* level : levels_) {
      if ((*level)[a] != (*level)[b]) return (*level)[a] <=> (*level)[b];
    }
    for (const double* column : columns_) {
      if (column[a] < column[b]) return std::strong_ordering::less;
      if (column[a] > column[b]) return std::strong_ordering::greater;
    }
    return std::strong_ordering::equal;
  }

 private:
  void add(const Vector& column) {
    if (column.size() > 0) columns_.push_back(column.data());
  }

  void add_matrices(const PredictorRows& rows) {
    for (Eigen::Index k = 0; k < rows.X.cols(); ++k) columns_.push_back(rows.X.col(k).data());
    for (const Matrix& Z : rows.Z) {
      for (Eigen::Index k = 0; k < Z.cols(); ++k) columns_.push_back(Z.col(k).data());
    }
  }

  std::vector<const std::vector<std::int32_t>*> levels_;
  Vector precision_;
  std::vector<const double*> columns_;
};

/// Rows in order, each kind once.
Rows merged(const Rows& all) {
  const Order order(all);
  std::vector<std::size_t> number(all.count());
  std::iota(number.begin(), number.end(), std::size_t{0});
  // Rows with the smaller number first, so that the order is one for all standard libraries.
  std::ranges::sort(number, [&](std::size_t a, std::size_t b) {
    const auto found = order.compare(a, b);
    return found != 0 ? found < 0 : a < b;
  });
  std::vector<std::size_t> kept;
  std::vector<double> frequency, weight;
  for (const std::size_t i : number) {
    const auto at = static_cast<Eigen::Index>(i);
    if (kept.empty() || order.compare(kept.back(), i) != 0) {
      kept.push_back(i);
      frequency.push_back(0);
      weight.push_back(0);
    }
    frequency.back() += all.frequency[at];
    weight.back() += all.weight[at];
  }
  Rows rows = all.select(kept);
  rows.frequency = Eigen::Map<const Vector>(frequency.data(), rows.y.size());
  rows.weight = Eigen::Map<const Vector>(weight.data(), rows.y.size());
  return rows;
}

}  // namespace

RowBlock one_block(std::size_t number, Rows rows, std::size_t grouping) {
  RowBlock block{number, std::move(rows), {}, {}};
  if (!block.rows.level.empty()) {
    const auto& level = block.rows.level[grouping];
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (i > 0 && level[i] == level[i - 1]) continue;
      block.level.push_back(level[i]);
      block.first.push_back(static_cast<Eigen::Index>(i));
    }
  }
  block.first.push_back(block.rows.y.size());
  return block;
}

RowBlocks::RowBlocks(const Design& design) {
  const Rows rows = regression::merged(design.all_rows());
  merged = rows.count();
  const auto piece = [&](std::size_t i) {
    return rows.level.front()[i] / static_cast<std::int32_t>(NormalPieces::groups_each);
  };
  for (std::size_t first = 0; first < merged;) {
    std::size_t end = std::min(merged, first + block_rows);
    if (!rows.level.empty()) {
      const auto& level = rows.level.front();
      // The end of the last level that begins within the block, or of the first.
      std::size_t cut = first;
      for (std::size_t i = first + 1; i <= merged; ++i) {
        if (i < merged && level[i] == level[i - 1]) continue;
        if (cut > first && i > end) break;
        cut = i;
        if (i == merged || i >= end || piece(i) != piece(first)) break;
      }
      end = cut;
    }
    all.push_back(one_block(all.size(), rows.middle(first, end - first), 0));
    first = end;
  }
}

}  // namespace tarn::regression
