// Passes over the rows that leave nothing behind but sufficient statistics.
#include "tarn/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <optional>

#include "tarn/design.hpp"
#include "tarn/factor.hpp"

namespace tarn {
namespace {

constexpr std::size_t block_rows = 256;   // a block and its factor stay in the first cache
constexpr std::size_t leaf_rows = 16384;  // the unit of the merge tree: its size fixes the bits

/// Calls `visit(rows, D)` for consecutive blocks first <= row < last, D = (x', y) of the block.
template <class Visit>
void for_blocks(const Design& design, std::size_t first, std::size_t last, const Visit& visit) {
  const auto p = static_cast<Eigen::Index>(design.size());
  Rows rows;
  Matrix d(block_rows, p + 1);
  for (std::size_t at = first; at < last; at += block_rows) {
    const std::size_t count = std::min(block_rows, last - at);
    design.rows->read(at, count, rows);
    auto block = d.topRows(static_cast<Eigen::Index>(count));
    block.leftCols(p) = rows.X;
    block.col(p) = rows.y;
    visit(rows, block);
  }
}

/// Folds the factors of the leaves in the order of the rows, so that the bits depend on nothing
/// but the data.
template <class Leaf>
Matrix fold_leaves(const Design& design, const Leaf& leaf) {
  const auto columns = static_cast<Eigen::Index>(design.size()) + 1;
  TriangularFactor total(columns);
  const std::size_t n = design.rows->count();
  for (std::size_t first = 0; first < n; first += leaf_rows) {
    TriangularFactor part(columns);
    leaf(first, std::min(n, first + leaf_rows), part);
    total.add(part);
  }
  return total.matrix();
}

/// A response is known to no more digits than a double has: a perfect fit leaves this much.
void keep_rounding(Matrix& factor, double response_norm) {
  double& residual = factor(factor.rows() - 1, factor.cols() - 1);
  residual = std::max(residual, std::numeric_limits<double>::epsilon() * response_norm);
}

Moments moments_of(const Design& design) {
  Moments moments;
  moments.factor = fold_leaves(design, [&](std::size_t first, std::size_t last,
                                           TriangularFactor& factor) {
    for_blocks(design, first, last, [&](const Rows& block, auto d) {
      moments.rows += block.frequency.sum();
      moments.log_weight +=
          0.5 *
          (block.frequency.array() * (block.weight.array() / block.frequency.array()).log()).sum();
      d.array().colwise() *= block.weight.array().sqrt();
      factor.add(d);
    });
  });
  keep_rounding(moments.factor, moments.factor.rightCols(1).norm());
  return moments;
}

GroupMoments group_moments_of(const Design& design, std::size_t grouping, double response_norm) {
  const auto levels = static_cast<Eigen::Index>(design.groupings[grouping].levels.size());
  const auto columns = static_cast<Eigen::Index>(design.size()) + 1;
  const std::size_t n = design.rows->count();
  GroupMoments moments{Vector::Zero(levels), Matrix::Zero(columns, levels), {}};

  // Sums of deviations from the first row: large offsets cost no digits.
  Vector shift;
  for_blocks(design, 0, n, [&](const Rows& block, auto d) {
    if (shift.size() == 0) shift = d.row(0).transpose();
    for (Eigen::Index i = 0; i < d.rows(); ++i) {
      const auto j = block.level[grouping][static_cast<std::size_t>(i)];
      moments.weight[j] += block.weight[i];
      moments.mean.col(j) += block.weight[i] * (d.row(i).transpose() - shift);
    }
  });
  for (Eigen::Index j = 0; j < levels; ++j) {
    moments.mean.col(j) = shift + moments.mean.col(j) / moments.weight[j];
  }

  moments.within =
      fold_leaves(design, [&](std::size_t first, std::size_t last, TriangularFactor& factor) {
        for_blocks(design, first, last, [&](const Rows& block, auto d) {
          for (Eigen::Index i = 0; i < d.rows(); ++i) {
            const auto j = block.level[grouping][static_cast<std::size_t>(i)];
            d.row(i) -= moments.mean.col(j).transpose();
          }
          d.array().colwise() *= block.weight.array().sqrt();
          factor.add(d);
        });
      });
  keep_rounding(moments.within, response_norm);
  return moments;
}

}  // namespace

struct Design::Cache {
  std::mutex mutex;
  std::optional<Moments> moments;
  std::map<std::size_t, GroupMoments> by_grouping;
};

std::shared_ptr<Design::Cache> Design::make_cache() { return std::make_shared<Cache>(); }

Design Design::with_rows(std::shared_ptr<const RowSource> other) const {
  Design design = *this;
  design.rows = std::move(other);
  design.cache_ = make_cache();
  return design;
}

const Moments& Design::moments() const {
  const std::lock_guard lock(cache_->mutex);
  if (!cache_->moments) cache_->moments = moments_of(*this);
  return *cache_->moments;
}

const GroupMoments& Design::group_moments(std::size_t grouping) const {
  moments();  // fills its own cache first: the mutex is not recursive
  const std::lock_guard lock(cache_->mutex);
  const auto found = cache_->by_grouping.find(grouping);
  if (found != cache_->by_grouping.end()) return found->second;
  const double response_norm = cache_->moments->factor.rightCols(1).norm();
  return cache_->by_grouping.emplace(grouping, group_moments_of(*this, grouping, response_norm))
      .first->second;
}

}  // namespace tarn
