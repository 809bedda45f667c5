// The triangular factor of cross-products, built up block by block.
#pragma once

#include <cmath>

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

/// A Givens rotation of two rows that takes `below` to 0 and `above` to their norm, which it
/// writes.
class Rotation {
 public:
  Rotation(double& above, double below) {
    const double norm = std::sqrt(above * above + below * below);
    c_ = above / norm;
    s_ = below / norm;
    above = norm;
  }

  /// The rows' other elements.
  void apply(double* above, double* below, Eigen::Index count) const {
    for (Eigen::Index k = 0; k < count; ++k) {
      const double was = above[k];
      above[k] = c_ * was + s_ * below[k];
      below[k] = c_ * below[k] - s_ * was;
    }
  }

 private:
  double c_;
  double s_;
};

/// Smallest |R_kk| / ||column k|| over all columns but the last, a response: how far the covariates
/// are from dependent.
double reciprocal_condition(ConstMatrixRef factor);

/// Cross-products keep the digits that matter while reciprocal_condition() is above this: they lose
/// twice as many digits as the factor does.
inline constexpr double safe_for_products = 1e-5;

/// The factor of cross-products of covariates and, last, a response, of which no less than `floor`
/// is left. NaN where the products are not positive definite.
Matrix factor_of_products(ConstMatrixRef products, double floor);

}  // namespace tarn
