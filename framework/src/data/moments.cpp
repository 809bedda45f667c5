// Sufficient statistics of all rows, and by level of a grouping factor.
#include "tarn/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "data/group_factors.hpp"
#include "data/passes.hpp"
#include "tarn/design.hpp"
#include "tarn/factor.hpp"

namespace tarn {
namespace {

/// A response is known to no more digits than a double has: a perfect fit leaves this much.
void keep_rounding(Matrix& factor, double response_norm) {
  double& residual = factor(factor.rows() - 1, factor.cols() - 1);
  residual = std::max(residual, std::numeric_limits<double>::epsilon() * response_norm);
}

/// The rows times the roots of their weights.
void weigh(const Rows& rows, MatrixRef d) { d.array().colwise() *= rows.weight.array().sqrt(); }

/// n_j and dbar_j. Sums are of deviations from the first row: large offsets cost no digits.
GroupMoments means_of(const Design& design, std::size_t grouping) {
  const auto levels = static_cast<Eigen::Index>(design.groupings[grouping].levels.size());
  const auto columns = static_cast<Eigen::Index>(design.size()) + 1;
  const std::size_t n = design.rows->count();
  Vector shift;
  for_blocks(design, 0, 1, [&](const Rows&, MatrixRef d) { shift = d.row(0).transpose(); });

  // Each quarter of the rows has sums of its own, unless they would outgrow the data.
  const bool crowded = static_cast<std::size_t>(4 * levels) > n;
  const std::size_t quarters = crowded ? 1 : 4;
  const GroupMoments none{Vector::Zero(levels), Matrix::Zero(columns, levels), {}};
  std::vector<GroupMoments> sums(quarters, none);
  in_parallel(quarters, [&](std::size_t q) {
    for_blocks(design, q * n / quarters, (q + 1) * n / quarters,
               [&](const Rows& rows, MatrixRef d) {
                 for (Eigen::Index i = 0; i < d.rows(); ++i) {
                   const auto j = rows.level[grouping][static_cast<std::size_t>(i)];
                   sums[q].weight[j] += rows.weight[i];
                   double* const sum = sums[q].mean.col(j).data();
                   for (Eigen::Index k = 0; k < columns; ++k)
                     sum[k] += rows.weight[i] * (d(i, k) - shift[k]);
                 }
               });
  });

  GroupMoments moments = none;
  for (const GroupMoments& part : sums) {
    moments.weight += part.weight;
    moments.mean += part.mean;
  }
  moments.mean.array().rowwise() /= moments.weight.transpose().array();
  moments.mean.colwise() += shift;
  return moments;
}

/// The moments of the rows less their level's mean.
Moments moments_within(const Design& design, std::size_t grouping, const Matrix& means) {
  return moments_of_rows(design, [&](const Rows& rows, MatrixRef d) {
    for (Eigen::Index i = 0; i < d.rows(); ++i) {
      const auto j = rows.level[grouping][static_cast<std::size_t>(i)];
      const double* const mean = means.col(j).data();
      for (Eigen::Index k = 0; k < d.cols(); ++k) d(i, k) -= mean[k];
    }
    weigh(rows, d);
  });
}

/// The factor of all rows from those within and between groups.
Matrix total_factor(const GroupMoments& groups) {
  TriangularFactor factor(groups.within);
  Matrix between = groups.mean.transpose();
  between.array().colwise() *= groups.weight.array().sqrt();
  factor.add(between);
  return factor.matrix();
}

}  // namespace

struct Design::Cache {
  std::mutex mutex;
  std::optional<Moments> moments;
  std::map<std::size_t, GroupMoments> by_grouping;
  std::map<std::size_t, GroupFactors> factors;
  std::mutex derived_mutex;  // held while a model's statistics ask for those above
  std::map<std::type_index, std::shared_ptr<const void>> derived;

  const Moments& total(const Design& design) {
    if (moments) return *moments;
    if (design.groupings.empty()) {
      moments = moments_of_rows(design, weigh);
    } else {  // one pass of reflections serves the first grouping and the whole
      GroupMoments& groups = by_grouping[0] = means_of(design, 0);
      moments = moments_within(design, 0, groups.mean);
      groups.within = std::exchange(moments->factor, {});
      moments->factor = total_factor(groups);
      keep_rounding(groups.within, response_norm());
    }
    keep_rounding(moments->factor, response_norm());
    return *moments;
  }

  const GroupMoments& groups(const Design& design, std::size_t grouping) {
    total(design);
    if (by_grouping.contains(grouping)) return by_grouping[grouping];
    GroupMoments& groups = by_grouping[grouping] = means_of(design, grouping);
    groups.within = moments_within(design, grouping, groups.mean).factor;
    keep_rounding(groups.within, response_norm());
    return groups;
  }

  const GroupFactors& group_factors(const Design& design, std::size_t grouping) {
    total(design);
    if (factors.contains(grouping)) return factors[grouping];
    GroupFactors& groups = factors[grouping] = factors_of(design, grouping);
    keep_rounding(groups.rest, response_norm());
    return groups;
  }

  double response_norm() const { return moments->factor.rightCols(1).norm(); }
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
  return cache_->total(*this);
}

const GroupMoments& Design::group_moments(std::size_t grouping) const {
  const std::lock_guard lock(cache_->mutex);
  return cache_->groups(*this, grouping);
}

const GroupFactors& Design::group_factors(std::size_t grouping) const {
  const std::lock_guard lock(cache_->mutex);
  return cache_->group_factors(*this, grouping);
}

const void* Design::derived(std::type_index type,
                            const std::function<std::shared_ptr<const void>()>& make) const {
  const std::lock_guard lock(cache_->derived_mutex);
  std::shared_ptr<const void>& known = cache_->derived[type];
  if (!known) known = make();
  return known.get();
}

}  // namespace tarn
