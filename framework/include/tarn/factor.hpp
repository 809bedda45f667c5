// The triangular factor of cross-products, built up block by block.
#pragma once

#include "tarn/vector.hpp"

namespace tarn {

/// R, upper triangular, with R'R = the sum of B'B over all blocks B added (TSQR, Demmel et al.
/// 2012). Householder reflections act on [R; B], so no digit is lost to squaring. If the last
/// column is a response y, then with R = [R_xx r_xy; 0 r_yy]: b = R_xx^-1 r_xy is the least-squares
/// solution and r_yy^2 its residual sum of squares.
class TriangularFactor {
 public:
  explicit TriangularFactor(Eigen::Index columns) : r_(Matrix::Zero(columns, columns)) {}

  /// Starts from a factor that is already triangular with a non-negative diagonal.
  explicit TriangularFactor(Matrix triangular) : r_(std::move(triangular)) {}

  /// Absorbs the rows of `block`, which is overwritten.
  void add(MatrixRef block);

  /// Absorbs another factor.
  void add(const TriangularFactor& other);

  const Matrix& matrix() const noexcept { return r_; }

 private:
  Matrix r_;
};

}  // namespace tarn
