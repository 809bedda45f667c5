// Reduces the rows of each group to a triangle, in one pass.
#include "triangles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tarn::pooling {
namespace {

constexpr std::size_t rows_a_block = 4096;

/// A column whose part that the others do not explain is smaller than this has none.
constexpr double least_independence = 1e-9;

/// Z of all terms on a grouping.
Matrix columns(const Design& design, std::size_t grouping, const Rows& rows) {
  const std::vector<std::size_t> terms = design.terms_on(grouping);
  Eigen::Index q = 0;
  for (const std::size_t t : terms) q += rows.Z[t].cols();
  Matrix Z(rows.y.size(), q);
  Eigen::Index at = 0;
  for (const std::size_t t : terms) {
    Z.middleCols(at, rows.Z[t].cols()) = rows.Z[t];
    at += rows.Z[t].cols();
  }
  return Z;
}

/// y less the means of all but the effects of `grouping`.
Vector response(const Design& design, std::size_t grouping, const Means& means, const Rows& rows) {
  Vector b = means.b;
  design.to_working(b);
  Vector e = rows.less_offset() - rows.X * b;
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    if (g == grouping || means.r[g].size() == 0) continue;
    const Matrix Z = columns(design, g, rows);
    Matrix r = means.r[g];
    for (const Centering& centering : design.centering_on(g)) centering.to_working(r);
    for (Eigen::Index i = 0; i < e.size(); ++i) {
      e[i] -= Z.row(i).dot(r.col(rows.level[g][static_cast<std::size_t>(i)]));
    }
  }
  return e;
}

}  // namespace

Triangles triangles_of(const Design& design, std::size_t grouping, const Means& means) {
  const std::size_t J = design.groupings[grouping].levels.size();
  const auto q = as_index(columns_on(design, grouping).size());
  Triangles all{std::vector<TriangularFactor>(J, TriangularFactor(q + 1)),
                Vector::Zero(as_index(J))};
  Matrix row(1, q + 1);
  for_each_block(*design.rows, rows_a_block, [&](const Rows& rows) {
    const Matrix Z = columns(design, grouping, rows);
    const Vector e = response(design, grouping, means, rows);
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
