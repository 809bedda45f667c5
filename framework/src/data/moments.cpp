// Sufficient statistics of all rows, and by level of a grouping factor.
#include "tarn/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "data/moments/group_factors_accumulator.hpp"
#include "data/moments/group_moments_accumulator.hpp"
#include "data/moments/moments_accumulator.hpp"
#include "data/passes.hpp"
#include "tarn/design.hpp"

namespace tarn {
namespace {

/// A response is known to no more digits than a double has: a perfect fit leaves this much.
void keep_rounding(Matrix& factor, double response_norm) {
  double& residual = factor(factor.rows() - 1, factor.cols() - 1);
  residual = std::max(residual, std::numeric_limits<double>::epsilon() * response_norm);
}

}  // namespace

struct Design::Cache {
  std::mutex mutex;
  std::optional<Moments> moments;
  std::map<std::size_t, GroupMoments> by_grouping;
  std::map<std::size_t, GroupFactors> factors;
  std::recursive_mutex derived_mutex;  // held while statistics ask for others
  std::map<std::type_index, std::shared_ptr<const void>> derived;

  const Moments& total(const Design& design) {
    if (moments) return *moments;
    if (design.groupings.empty()) {
      MomentsAccumulator all(design);
      accumulate(*design.rows, threads_for(*design.rows, 1), all);
      moments = all.finish();
      keep_rounding(moments->factor, response_norm());
    } else {  // one pass serves the first grouping and the whole
      pass(design, 0);
    }
    return *moments;
  }

  const GroupMoments& groups(const Design& design, std::size_t grouping) {
    total(design);
    if (!by_grouping.contains(grouping)) pass(design, grouping);
    return by_grouping[grouping];
  }

  const GroupFactors& group_factors(const Design& design, std::size_t grouping) {
    total(design);
    if (factors.contains(grouping)) return factors[grouping];
    GroupFactorsAccumulator all(design, grouping);
    accumulate(*design.rows, threads_for_groups(design, grouping), all);
    GroupFactors& groups = factors[grouping] = all.finish();
    keep_rounding(groups.rest, response_norm());
    return groups;
  }

  void pass(const Design& design, std::size_t grouping) {
    GroupMomentsAccumulator all(design, grouping);
    accumulate(*design.rows, threads_for_groups(design, grouping), all);
    GroupMomentsAccumulator::Result result = all.finish();
    if (!moments) {
      moments = std::move(result.total);
      keep_rounding(moments->factor, response_norm());
    }
    GroupMoments& groups = by_grouping[grouping] = std::move(result.groups);
    keep_rounding(groups.within, response_norm());
  }

  static std::size_t threads_for_groups(const Design& design, std::size_t grouping) {
    return threads_for(*design.rows, design.groupings[grouping].levels.size());
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
