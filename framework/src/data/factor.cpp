// Householder elimination of a block of rows against a triangular factor.
#include "tarn/factor.hpp"

#include <cmath>

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

}  // namespace tarn
