// Householder elimination of a block of rows against a triangular factor.
#include "tarn/factor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Cholesky>

namespace tarn {

void TriangularFactor::add(MatrixRef block) {
  const Eigen::Index columns = r_.cols();
  for (Eigen::Index j = 0; j < columns; ++j) {
    auto x = block.col(j);
    const double below = x.squaredNorm();
    if (!(below > 0)) continue;
    const double norm = std::sqrt(r_(j, j) * r_(j, j) + below);
    // The reflection that maps (R_jj, x) to (norm, 0). With the sign of R_jj kept non-negative the
    // difference R_jj - norm would cancel; Parlett's form does not.
    const double v0 = -below / (r_(j, j) + norm);
    const double beta = 2 / (v0 * v0 + below);
    r_(j, j) = norm;
    for (Eigen::Index k = j + 1; k < columns; ++k) {
      auto y = block.col(k);
      const double t = beta * (v0 * r_(j, k) + x.dot(y));
      r_(j, k) -= t * v0;
      y.noalias() -= t * x;
    }
  }
}

void TriangularFactor::add(const TriangularFactor& other) {
  Matrix rows = other.r_;
  add(rows);
}

double reciprocal_condition(ConstMatrixRef factor) {
  double least = 1;
  for (Eigen::Index k = 0; k + 1 < factor.cols(); ++k) {
    least = std::min(least, factor(k, k) / factor.col(k).norm());
  }
  return least;
}

Matrix factor_of_products(ConstMatrixRef products, double floor) {
  const Eigen::Index p = products.rows() - 1;
  Matrix factor = Matrix::Zero(p + 1, p + 1);
  auto xx = factor.topLeftCorner(p, p);
  auto xy = factor.col(p).head(p);
  if (p > 0) {
    const Eigen::LLT<Matrix> llt(products.topLeftCorner(p, p));
    if (llt.info() != Eigen::Success) {
      factor.fill(std::numeric_limits<double>::quiet_NaN());
      return factor;
    }
    xx = llt.matrixU();
    xy = xx.transpose().triangularView<Eigen::Lower>().solve(products.col(p).head(p));
  }
  factor(p, p) = std::sqrt(std::max(products(p, p) - xy.squaredNorm(), floor * floor));
  return factor;
}

}  // namespace tarn
