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

/// Smallest |R_kk| / ||column k|| over all columns but the last, a response: how far the covariates
/// are from dependent.
double independence(ConstMatrixRef factor);

/// Cross-products keep the digits that matter while independence() is above this: they lose twice
/// as many digits as the factor does.
inline constexpr double safe_for_products = 1e-5;

/// The factor of cross-products of covariates and, last, a response, of which no less than `floor`
/// is left. NaN where the products are not positive definite.
Matrix factor_of_products(ConstMatrixRef products, double floor);

}  // namespace tarn
