// The triangular factor of cross-products, built up block by block.
#pragma once

#include "tarn/vector.hpp"

namespace tarn {

/// R with R'R = the sum of B'B over all blocks B added (TSQR, Demmel et al. 2012). Householder
/// reflections act on [R; B], so no digit is lost to the squaring of cross-products.
class TriangularFactor {
 public:
  explicit TriangularFactor(Eigen::Index columns) : r_(Matrix::Zero(columns, columns)) {}

  /// Absorbs the rows of `block`, which is overwritten.
  void add(MatrixRef block);

  /// Absorbs another factor.
  void add(const TriangularFactor& other);

  const Matrix& matrix() const noexcept { return r_; }

 private:
  Matrix r_;
};

}  // namespace tarn
