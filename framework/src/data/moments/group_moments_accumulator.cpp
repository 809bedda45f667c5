// Means and deviations from them, updated row by row and merged node by node.
#include "data/moments/group_moments_accumulator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/moments/lanes.hpp"

namespace tarn {

void GroupMomentsNode::merge(GroupMomentsNode&& right) {
  counts.merge(right.counts);
  const Eigen::Index columns = mean.cols();
  RowReflector between(std::move(within));
  Vector difference(columns);
  // Puts the level at `b` of the right part into that at `a` of the left.
  const auto join = [&](std::size_t a, std::size_t b) {
    const double n = weight[a];
    const double w = right.weight[b];
    const double share = w > 0 ? w / (n + w) : 0;
    const double root = std::sqrt(n * share);
    double* const m = mean.data() + static_cast<Eigen::Index>(a) * columns;
    const double* const other = right.mean.data() + static_cast<Eigen::Index>(b) * columns;
    for (Eigen::Index k = 0; k < columns; ++k) {
      difference[k] = other[k] - m[k];
      m[k] += share * difference[k];
      difference[k] *= root;
    }
    weight[a] = n + w;
    between.add(difference.data());
  };

  if (level == right.level) {
    for (std::size_t a = 0; a < level.size(); ++a) join(a, a);
  } else {
    GroupMomentsNode both{{}, TriangularFactor(0), {}, {}, {}};
    both.level.reserve(level.size() + right.level.size());
    std::ranges::set_union(level, right.level, std::back_inserter(both.level));
    both.weight.reserve(both.level.size());
    both.mean.resize(static_cast<Eigen::Index>(both.level.size()), columns);
    std::size_t a = 0;
    std::size_t b = 0;
    double* to = both.mean.data();
    for (const std::int32_t j : both.level) {
      const bool in_right = b < right.level.size() && right.level[b] == j;
      const double* from = nullptr;
      if (a < level.size() && level[a] == j) {
        if (in_right) join(a, b++);
        both.weight.push_back(weight[a]);
        from = mean.data() + static_cast<Eigen::Index>(a++) * columns;
      } else {
        both.weight.push_back(right.weight[b]);
        from = right.mean.data() + static_cast<Eigen::Index>(b++) * columns;
      }
      to = std::copy_n(from, columns, to);
    }
    level = std::move(both.level);
    weight = std::move(both.weight);
    mean = std::move(both.mean);
  }
  within = between.factor();
  within.add(right.within);
}

namespace {

constexpr Eigen::Index block_rows = 256;  // stay in the first cache

}  // namespace

GroupMomentsLeaf::GroupMomentsLeaf(std::size_t grouping, std::size_t levels, Eigen::Index columns,
                                   bool known_errors)
    : grouping_(grouping),
      columns_(columns),
      known_errors_(known_errors),
      within_(columns),
      slots_(levels),
      sums_(levels, static_cast<std::size_t>(columns) + 1),
      block_(RowMatrix::Zero(block_rows, static_cast<Eigen::Index>(sums_.width()))),
      slot_(block_rows),
      before_(block_rows),
      share_(block_rows),
      root_(block_rows),
      deviation_(sums_.width()) {
  block_.col(columns).setOnes();
}

void GroupMomentsLeaf::add(const Rows& rows, Eigen::Index first, Eigen::Index count) {
  counts_.add(rows, first, count, known_errors_);
  for (Eigen::Index at = 0; at < count; at += block_.rows()) {
    add_block(rows, first + at, std::min(count - at, block_.rows()));
  }
}

/// The level's slot, with the weight and mean 0 where it is new.
inline std::size_t GroupMomentsLeaf::find(std::int32_t level) {
  std::int32_t slot = slots_.find(level);
  if (slot == LevelSlots::absent) [[unlikely]] {
    slot = slots_.insert(level);
    weight_.push_back(0);
    mean_.insert(mean_.end(), sums_.width(), 0);
  }
  return static_cast<std::size_t>(slot);
}

inline void GroupMomentsLeaf::prefetch(std::size_t slot) const {
  const double* const m = &mean_[sums_.width() * slot];
  for (std::size_t k = 0; k < sums_.width(); k += line / sizeof *m) __builtin_prefetch(m + k, 1);
}

inline void GroupMomentsLeaf::update(std::size_t slot, double share, double root,
                                     const double* row) {
  const std::size_t width = sums_.width();
  double* const mean = &mean_[width * slot];
  double* const deviation = deviation_.data();
  for (std::size_t k = 0; k < width; k += lanes) {
    const auto m = load_lanes<Lanes>(mean + k);
    const Lanes difference = load_lanes<Lanes>(row + k) - m;
    store_lanes(mean + k, m + share * difference);
    store_lanes(deviation + k, root * difference);
  }
  if (root > 0) within_.add(deviation);
}

void GroupMomentsLeaf::add_block(const Rows& rows, Eigen::Index first, Eigen::Index count) {
  const Eigen::Index p = columns_ - 1;
  for (Eigen::Index k = 0; k <= p; ++k) {
    const double* const from = (k < p ? rows.X.col(k).data() : rows.y.data()) + first;
    double* to = block_.data() + k;
    for (Eigen::Index i = 0; i < count; ++i, to += block_.cols()) *to = from[i];
  }
  const std::int32_t* const level = rows.level[grouping_].data() + first;
  const double* const weight = rows.weight.data() + first;
  sums_.add(level, weight, block_.data(), static_cast<std::size_t>(count));

  for (Eigen::Index i = 0; i < count; ++i) {
    const std::size_t slot = find(level[i]);
    slot_[static_cast<std::size_t>(i)] = slot;
    before_[i] = weight_[slot];
    weight_[slot] += weight[i];
  }
  const auto n = before_.head(count);
  const auto w = rows.weight.segment(first, count).array();
  share_.head(count) = (w > 0).select(w / (n + w), 0);
  root_.head(count) = (n * share_.head(count)).sqrt();
  constexpr Eigen::Index ahead = 8;
  for (Eigen::Index i = 0; i < count; ++i) {
    const std::size_t* const slot = &slot_[static_cast<std::size_t>(i)];
    if (i + ahead < count) prefetch(slot[ahead]);
    update(*slot, share_[i], root_[i], block_.data() + i * block_.cols());
  }
}

GroupMomentsNode GroupMomentsLeaf::node() const {
  GroupMomentsNode node{counts_, within_.factor(), {}, {}, {}};
  node.level.reserve(slots_.size());
  node.weight.reserve(slots_.size());
  node.mean.resize(static_cast<Eigen::Index>(slots_.size()), columns_);
  slots_.for_each([&](std::int32_t level, std::size_t slot) {
    const auto row = static_cast<Eigen::Index>(node.level.size());
    node.level.push_back(level);
    node.weight.push_back(weight_[slot]);
    std::copy_n(&mean_[sums_.width() * slot], columns_, node.mean.data() + row * columns_);
  });
  return node;
}

void GroupMomentsLeaf::clear() {
  counts_ = {};
  within_.clear();
  slots_.clear();
  weight_.clear();
  mean_.clear();
}

GroupMomentsAccumulator::GroupMomentsAccumulator(const Design& design, std::size_t grouping)
    : GroupMomentsAccumulator(Shape{grouping, design.groupings[grouping].levels.size(),
                                    static_cast<Eigen::Index>(design.size()) + 1,
                                    design.known_errors}) {
  constexpr std::size_t some = 256;
  if (design.rows == nullptr || design.rows->count() == 0) return;
  Rows rows;
  design.rows->read(0, std::min(some, design.rows->count()), rows);
  expect(rows);
}

GroupMomentsAccumulator::GroupMomentsAccumulator(const Shape& shape)
    : shape_(shape),
      tree_(GroupMomentsLeaf(shape.grouping, shape.levels, shape.columns, shape.known_errors)) {}

std::unique_ptr<GroupMomentsAccumulator> GroupMomentsAccumulator::without_rows() const {
  std::unique_ptr<GroupMomentsAccumulator> other(new GroupMomentsAccumulator(shape_));
  if (magnitude_.size() > 0) other->expect(magnitude_);
  return other;
}

void GroupMomentsAccumulator::clear() {
  tree_.clear();
  tree_.leaf().sums().clear();
}

void GroupMomentsAccumulator::add(const Rows& rows) {
  if (magnitude_.size() == 0) expect(rows);
  tree_.add(rows);
}

void GroupMomentsAccumulator::merge(const GroupMomentsAccumulator& other) {
  tree_.merge(other.tree_);
  tree_.leaf().sums().merge(other.tree_.leaf().sums());
}

void GroupMomentsAccumulator::expect(const Rows& rows) {
  const auto largest = [](const auto& x) { return x.size() > 0 ? x.cwiseAbs().maxCoeff() : 0; };
  Vector magnitude(shape_.columns + 1);
  const double w = largest(rows.weight);
  for (Eigen::Index k = 0; k + 1 < shape_.columns; ++k) magnitude[k] = w * largest(rows.X.col(k));
  magnitude.tail(2) << w * largest(rows.y), w;
  expect(magnitude);
}

void GroupMomentsAccumulator::expect(const Vector& magnitude) {
  magnitude_ = magnitude;
  tree_.leaf().sums().expect(magnitude);
}

GroupMomentsAccumulator::Result GroupMomentsAccumulator::finish() {
  const auto levels = static_cast<Eigen::Index>(shape_.levels);
  const Eigen::Index columns = shape_.columns;
  Result result{{Vector::Zero(levels), Matrix::Zero(columns, levels), {}}, {}};
  auto& [weight, mean, within] = result.groups;
  const ExactSums& sums = tree_.leaf().sums();
  for (Eigen::Index j = 0; j < levels; ++j) {
    const auto group = static_cast<std::size_t>(j);
    weight[j] = sums.sum(group, static_cast<std::size_t>(columns));
    if (weight[j] == 0) continue;  // a level of no rows
    for (Eigen::Index k = 0; k < columns; ++k) {
      mean(k, j) = sums.sum(group, static_cast<std::size_t>(k)) / weight[j];
    }
  }

  const auto root = tree_.root();
  within = root ? root->within.matrix() : Matrix::Zero(columns, columns);
  if (root) {
    result.total.rows = root->counts.rows();
    result.total.log_weight = root->counts.log_weight();
  }
  TriangularFactor total(within);
  Matrix between = mean.transpose();
  between.array().colwise() *= weight.array().sqrt();
  total.add(between);
  result.total.factor = total.matrix();
  return result;
}

}  // namespace tarn
