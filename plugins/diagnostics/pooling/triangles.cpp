// Reduces the rows of each group to a triangle, in one pass.
#include "triangles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "predictor.hpp"

namespace tarn::pooling {
namespace {

/// A column whose part that the others do not explain is smaller than this has none.
constexpr double least_independence = 1e-9;

}  // namespace

Triangles triangles_of(const Design& design, std::size_t grouping, const Means& means) {
  const std::size_t J = design.groupings[grouping].levels.size();
  const auto q = as_index(columns_on(design, grouping).size());
  Triangles all{std::vector<TriangularFactor>(J, TriangularFactor(q + 1)),
                Vector::Zero(as_index(J))};
  Matrix row(1, q + 1);
  for_each_block(*design.rows, block_rows, [&](const Rows& rows) {
    const Matrix Z = columns(design, grouping, rows);
    const Vector e = rows.y - predictor(design, grouping, means, rows);
    for (Eigen::Index i = 0; i < e.size(); ++i) {
      const std::int32_t j = rows.level[grouping][as_size(i)];
      row.leftCols(q) = Z.row(i);
      row(0, q) = e[i];
      row *= std::sqrt(rows.weight[i]);
      all.levels[as_size(j)].add(row);
      all.count[j] += rows.frequency[i];
    }
  });
  return all;
}

Vector Triangles::solve(std::size_t level) const {
  const Matrix& R = levels[level].matrix();
  const Eigen::Index q = R.cols() - 1;
  if (!(R.diagonal().head(q).minCoeff() > 0 && reciprocal_condition(R) > least_independence)) {
    return Vector::Constant(q, std::numeric_limits<double>::quiet_NaN());
  }
  return R.topLeftCorner(q, q).triangularView<Eigen::Upper>().solve(R.col(q).head(q));
}

}  // namespace tarn::pooling
