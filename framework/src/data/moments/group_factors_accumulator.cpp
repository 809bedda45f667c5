// Streaming QR of the rows of every level by Givens rotations (Golub & Van Loan 2013, 5.1.8).
#include "data/moments/group_factors_accumulator.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace tarn {

bool LevelTriangles::absorb(std::size_t place, double* row, Eigen::Index first) {
  const Eigen::Index width = q + columns;
  double* const triangle = at(place);
  for (Eigen::Index k = first; k < q; ++k) {
    if (row[k] == 0) continue;
    double* const own = triangle + k * width;
    if (own[k] == 0) {  // a row of zeros: it takes the new one, with a diagonal that is positive
      const double sign = row[k] < 0 ? -1 : 1;
      for (Eigen::Index i = k; i < width; ++i) own[i] = sign * row[i];
      return false;
    }
    const Rotation rotation(own[k], row[k]);
    rotation.apply(own + k + 1, row + k + 1, width - k - 1);
  }
  return true;
}

void GroupFactorsNode::merge(GroupFactorsNode&& right) {
  const Eigen::Index q = triangles.q;
  const Eigen::Index width = q + triangles.columns;
  const Eigen::Index size = q * width;
  RowReflector left_over(std::move(rest));
  // Rotates the triangle at `b` of the right part into that at `a` of the left.
  const auto join = [&](std::size_t a, std::size_t b) {
    double* const rows = right.triangles.at(b);
    for (Eigen::Index k = 0; k < q; ++k) {
      double* const row = rows + k * width;
      if (row[k] != 0 && triangles.absorb(a, row, k)) left_over.add(row + q);
    }
  };

  if (level == right.level) {
    for (std::size_t a = 0; a < level.size(); ++a) join(a, a);
  } else {
    std::vector<std::int32_t> levels;
    levels.reserve(level.size() + right.level.size());
    std::ranges::set_union(level, right.level, std::back_inserter(levels));
    LevelTriangles both{q, triangles.columns, {}};
    both.values.reserve(levels.size() * static_cast<std::size_t>(size));
    std::size_t a = 0;
    std::size_t b = 0;
    for (const std::int32_t j : levels) {
      const bool in_right = b < right.level.size() && right.level[b] == j;
      double* from = nullptr;
      if (a < level.size() && level[a] == j) {
        if (in_right) join(a, b++);
        from = triangles.at(a++);
      } else {
        from = right.triangles.at(b++);
      }
      both.values.insert(both.values.end(), from, from + size);
    }
    level = std::move(levels);
    triangles = std::move(both);
  }
  rest = left_over.factor();
  rest.add(right.rest);
}

GroupFactorsLeaf::GroupFactorsLeaf(std::size_t grouping, std::vector<std::size_t> terms,
                                   std::size_t levels, Eigen::Index q, Eigen::Index columns)
    : grouping_(grouping),
      terms_(std::move(terms)),
      row_(q + columns),
      rest_(columns),
      slots_(levels),
      triangles_{q, columns, {}} {}

void GroupFactorsLeaf::add(const Rows& rows, Eigen::Index first, Eigen::Index count) {
  const Eigen::Index q = triangles_.q;
  const Eigen::Index p = rows.X.cols();
  for (Eigen::Index i = first; i < first + count; ++i) {
    const std::int32_t j = rows.level[grouping_][static_cast<std::size_t>(i)];
    std::int32_t slot = slots_.find(j);
    if (slot == LevelSlots::absent) {
      slot = slots_.insert(j);
      triangles_.values.resize(slots_.size() * static_cast<std::size_t>(q * row_.size()));
    }
    const double root = std::sqrt(rows.weight[i]);
    Eigen::Index at = 0;
    for (const std::size_t t : terms_) {
      for (Eigen::Index k = 0; k < rows.Z[t].cols(); ++k) row_[at++] = root * rows.Z[t](i, k);
    }
    for (Eigen::Index k = 0; k < p; ++k) row_[at++] = root * rows.X(i, k);
    row_[at] = root * rows.y[i];
    if (triangles_.absorb(static_cast<std::size_t>(slot), row_.data())) {
      rest_.add(row_.data() + q);
    }
  }
}

GroupFactorsNode GroupFactorsLeaf::node() const {
  const Eigen::Index q = triangles_.q;
  const auto size = static_cast<std::size_t>(q * row_.size());
  GroupFactorsNode node{rest_.factor(), {}, {q, triangles_.columns, {}}};
  node.level.reserve(slots_.size());
  node.triangles.values.reserve(slots_.size() * size);
  slots_.for_each([&](std::int32_t level, std::size_t slot) {
    node.level.push_back(level);
    const double* const from = triangles_.at(slot);
    node.triangles.values.insert(node.triangles.values.end(), from, from + size);
  });
  return node;
}

void GroupFactorsLeaf::clear() {
  rest_.clear();
  slots_.clear();
  triangles_.values.clear();
}

GroupFactorsAccumulator::Shape GroupFactorsAccumulator::shape_of(const Design& design,
                                                                 std::size_t grouping) {
  Shape shape{grouping, design.terms_on(grouping), design.groupings[grouping].levels.size(), 0,
              static_cast<Eigen::Index>(design.size()) + 1};
  for (const std::size_t t : shape.terms) {
    shape.q += static_cast<Eigen::Index>(design.terms[t].columns.size());
  }
  return shape;
}

GroupFactorsAccumulator::GroupFactorsAccumulator(const Design& design, std::size_t grouping)
    : GroupFactorsAccumulator(shape_of(design, grouping)) {}

GroupFactorsAccumulator::GroupFactorsAccumulator(Shape shape)
    : shape_(std::move(shape)),
      tree_(GroupFactorsLeaf(shape_.grouping, shape_.terms, shape_.levels, shape_.q,
                             shape_.columns)) {}

std::unique_ptr<GroupFactorsAccumulator> GroupFactorsAccumulator::without_rows() const {
  return std::unique_ptr<GroupFactorsAccumulator>(new GroupFactorsAccumulator(shape_));
}

GroupFactors GroupFactorsAccumulator::finish() {
  const auto levels = static_cast<Eigen::Index>(shape_.levels);
  const Eigen::Index q = shape_.q;
  const Eigen::Index columns = shape_.columns;
  GroupFactors groups{q, RowMatrix::Zero(levels * q, q), RowMatrix::Zero(levels * q, columns),
                      Matrix::Zero(columns, columns)};
  auto root = tree_.root();
  if (!root) return groups;
  for (std::size_t a = 0; a < root->level.size(); ++a) {
    const Eigen::Map<const RowMatrix> triangle(root->triangles.at(a), q, q + columns);
    const Eigen::Index row = q * root->level[a];
    groups.R.middleRows(row, q) = triangle.leftCols(q);
    groups.T.middleRows(row, q) = triangle.rightCols(columns);
  }
  groups.rest = root->rest.matrix();
  return groups;
}

}  // namespace tarn
