// Streaming QR of the rows of every group by Givens rotations (Golub & Van Loan 2013, 5.1.8).
#include "group_triangles.hpp"

#include <algorithm>

#include <tarn/factor.hpp>

namespace tarn::group_variance {
namespace {

constexpr std::size_t block_of_rows = 4096;

/// Rotates the row into the upper triangle `above`, m x m by rows.
void absorb(double* above, double* row, Eigen::Index m) {
  for (Eigen::Index k = 0; k < m; ++k, above += m) {
    if (row[k] == 0) continue;
    const Rotation rotation(above[k], row[k]);
    rotation.apply(above + k + 1, row + k + 1, m - k - 1);
  }
}

}  // namespace

GroupTriangles::GroupTriangles(const Design& design)
    : shift(Vector::Zero(as_index(design.size()))),
      well_conditioned(reciprocal_condition(design.moments().factor) > safe_for_products) {
  const Eigen::Index p = shift.size();
  for (const GroupTerm& term : design.terms) {
    columns += as_index(term.columns.size());
  }
  const auto groups = as_index(design.groupings.front().levels.size());
  const Eigen::Index m = columns + p + 1;
  weight = Vector::Zero(groups);
  if (well_conditioned) {
    const Matrix& F = design.moments().factor;
    shift = F.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(F.col(p).head(p));
  }

  RowMatrix triangles = RowMatrix::Zero(groups, m * m);
  RowMatrix zxy;
  for_each_block(*design.rows, block_of_rows, [&](const Rows& rows) {
    zxy.resize(rows.y.size(), m);
    Eigen::Index column = 0;
    for (const Matrix& Z : rows.Z) {
      zxy.middleCols(column, Z.cols()) = Z;
      column += Z.cols();
    }
    zxy.middleCols(column, p) = rows.X;
    zxy.col(m - 1) = rows.less_offset() - rows.X * shift;
    zxy.array().colwise() *= rows.weight.array().sqrt();
    for (Eigen::Index i = 0; i < zxy.rows(); ++i) {
      const auto j = rows.level.front()[as_size(i)];
      weight[j] += rows.frequency[i];
      absorb(triangles.row(j).data(), zxy.row(i).data(), m);
    }
  });
  unpack(triangles);
  if (well_conditioned) form_products();
}

void GroupTriangles::unpack(const RowMatrix& triangles) {
  const Eigen::Index q = columns;
  const Eigen::Index d = shift.size() + 1;
  const Eigen::Index m = q + d;
  R.resize(q * (q + 1) / 2, size());
  T.resize(q * d, size());
  S.resize(d * (d + 1) / 2, size());
  for (Eigen::Index i = 0; i < q; ++i) {
    for (Eigen::Index k = i; k < q; ++k) {
      R.row(upper(q, i, k)) = triangles.col(i * m + k).transpose();
    }
    for (Eigen::Index a = 0; a < d; ++a) {
      T.row(i * d + a) = triangles.col(i * m + q + a).transpose();
    }
  }
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index a = i; a < d; ++a) {
      S.row(upper(d, i, a)) = triangles.col((q + i) * m + q + a).transpose();
    }
  }
}

void GroupTriangles::form_products() {
  const Eigen::Index d = shift.size() + 1;
  products = RowMatrix::Zero(S.rows(), S.cols());
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index a = i; a < d; ++a) {
      for (Eigen::Index b = a; b < d; ++b) {
        products.row(upper(d, a, b)) += S.row(upper(d, i, a)).cwiseProduct(S.row(upper(d, i, b)));
      }
    }
  }
  if (columns != 1) return;
  reached.resize(S.rows(), S.cols());
  for (Eigen::Index a = 0; a < d; ++a) {
    for (Eigen::Index b = a; b < d; ++b) {
      reached.row(upper(d, a, b)) = T.row(a).cwiseProduct(T.row(b));
    }
  }
}

}  // namespace tarn::group_variance
