// Streaming QR of the rows of every level by Givens rotations (Golub & Van Loan 2013, 5.1.8).
#include "data/group_factors.hpp"

#include <cmath>
#include <vector>

#include "data/passes.hpp"
#include "tarn/factor.hpp"

namespace tarn {
namespace {

/// The triangles of some of the rows, and the factor of what they leave.
struct Part {
  GroupFactors groups;
  TriangularFactor rest;

  Part(Eigen::Index levels, Eigen::Index q, Eigen::Index columns) : rest(columns) {
    groups.columns = q;
    groups.R = RowMatrix::Zero(levels * q, q);
    groups.T = RowMatrix::Zero(levels * q, columns);
  }

  /// Rotates the row [z d] of level j into its triangle; d becomes what is left of it.
  void absorb(Eigen::Index j, Vector& z, Vector& d) {
    const Eigen::Index q = groups.columns;
    for (Eigen::Index k = 0; k < q; ++k) {
      if (z[k] == 0) continue;
      double* const R = groups.R.row(j * q + k).data();
      const Rotation rotation(R[k], z[k]);
      rotation.apply(R + k + 1, z.data() + k + 1, q - k - 1);
      rotation.apply(groups.T.row(j * q + k).data(), d.data(), d.size());
    }
  }
};

/// The columns of all terms on the grouping, in their order.
Matrix columns_of(const Design& design, std::size_t grouping, const Rows& rows, Eigen::Index q) {
  Matrix Z(rows.y.size(), q);
  Eigen::Index at = 0;
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    if (design.terms[t].grouping != grouping) continue;
    Z.middleCols(at, rows.Z[t].cols()) = rows.Z[t];
    at += rows.Z[t].cols();
  }
  return Z;
}

void absorb_rows(const Design& design, std::size_t grouping, std::size_t first, std::size_t last,
                 Part& part) {
  const Eigen::Index q = part.groups.columns;
  Vector z(q);
  Vector left(static_cast<Eigen::Index>(design.size()) + 1);
  for_blocks(design, first, last, [&](const Rows& rows, MatrixRef d) {
    const Matrix Z = columns_of(design, grouping, rows, q);
    for (Eigen::Index i = 0; i < d.rows(); ++i) {
      const double root = std::sqrt(rows.weight[i]);
      z = root * Z.row(i).transpose();
      left = root * d.row(i).transpose();
      part.absorb(rows.level[grouping][static_cast<std::size_t>(i)], z, left);
      d.row(i) = left.transpose();
    }
    part.rest.add(d);
  });
}

/// Rotates the triangles of `other` into those of `part`.
void merge(Part& part, const Part& other) {
  const GroupFactors& groups = other.groups;
  const Eigen::Index q = groups.columns;
  Vector z(q);
  Vector left(groups.T.cols());
  Matrix block(q, groups.T.cols());
  for (Eigen::Index j = 0; j < groups.levels(); ++j) {
    for (Eigen::Index k = 0; k < q; ++k) {
      z = groups.R.row(j * q + k).transpose();
      left = groups.T.row(j * q + k).transpose();
      part.absorb(j, z, left);
      block.row(k) = left.transpose();
    }
    part.rest.add(block);
  }
  part.rest.add(other.rest);
}

}  // namespace

GroupFactors factors_of(const Design& design, std::size_t grouping) {
  Eigen::Index q = 0;
  for (const GroupTerm& term : design.terms) {
    if (term.grouping == grouping) q += static_cast<Eigen::Index>(term.columns.size());
  }
  const auto levels = static_cast<Eigen::Index>(design.groupings[grouping].levels.size());
  const auto columns = static_cast<Eigen::Index>(design.size()) + 1;
  const std::size_t n = design.rows->count();

  // Each quarter of the rows has triangles of its own, unless they would outgrow the data. The
  // number of parts depends on the data alone, and so do the bits.
  const bool crowded = static_cast<std::size_t>(4 * levels * q) > n;
  const std::size_t quarters = crowded ? 1 : 4;
  std::vector<Part> parts(quarters, Part(levels, q, columns));
  in_parallel(quarters, [&](std::size_t k) {
    absorb_rows(design, grouping, k * n / quarters, (k + 1) * n / quarters, parts[k]);
  });
  Part& whole = parts.front();
  for (std::size_t k = 1; k < quarters; ++k) merge(whole, parts[k]);
  whole.groups.rest = whole.rest.matrix();
  return std::move(whole.groups);
}

}  // namespace tarn
