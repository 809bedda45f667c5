// Matrix densities by Cholesky factors.
#include "prior/matrix_density.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <Eigen/Cholesky>

#include "tarn/distributions.hpp"

namespace tarn {
namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

/// log |M|, -inf where M is not positive definite.
double log_determinant(ConstMatrixRef matrix) {
  const Eigen::LLT<Matrix> llt(matrix);
  if (llt.info() != Eigen::Success) return impossible;
  return 2 * llt.matrixLLT().diagonal().array().log().sum();
}

double log_multivariate_gamma(double x, Eigen::Index q) {
  const auto d = static_cast<double>(q);
  double sum = 0.25 * d * (d - 1) * std::log(std::numbers::pi);
  for (double i = 0; i < d; ++i) sum += log_gamma(x - i / 2);
  return sum;
}

}  // namespace

Matrix inverse(ConstMatrixRef matrix) {
  const Eigen::LLT<Matrix> llt(matrix);
  if (llt.info() == Eigen::Success) {
    return llt.solve(Matrix::Identity(matrix.rows(), matrix.cols()));
  }
  return Matrix::Constant(matrix.rows(), matrix.cols(), std::numeric_limits<double>::quiet_NaN());
}

double lkj_log_density(ConstMatrixRef C, double eta) {
  const auto q = static_cast<double>(C.rows());
  double constant = (q - 1) * log_gamma(eta + 0.5 * (q - 1));
  for (double k = 1; k < q; ++k) {
    constant -= 0.5 * k * std::log(std::numbers::pi) + log_gamma(eta + 0.5 * (q - 1 - k));
  }
  const double log_volume = log_determinant(C);
  if (log_volume == impossible) return impossible;
  return constant + (eta - 1) * log_volume;
}

Matrix draw_lkj(Eigen::Index size, double eta, Rng& rng) {
  Matrix L = Matrix::Identity(size, size);
  for (Eigen::Index i = 1; i < size; ++i) {
    double left = 1;  // of the row's length
    for (Eigen::Index j = 0; j < i; ++j) {
      const double shape = eta + 0.5 * static_cast<double>(size - 2 - j);
      const double a = rng.gamma(shape);
      const double b = rng.gamma(shape);
      const double partial = (a - b) / (a + b);
      L(i, j) = partial * std::sqrt(left);
      left -= L(i, j) * L(i, j);
    }
    L(i, i) = std::sqrt(left);
  }
  Matrix C = L * L.transpose();
  C.diagonal().setOnes();
  return C;
}

double inv_wishart_log_density(ConstVectorRef sd, ConstMatrixRef C, double nu, double s) {
  const auto q = static_cast<double>(sd.size());
  const double log_sds = sd.array().log().sum();
  const double log_volume = log_determinant(C);
  if (log_volume == impossible) return impossible;
  const double trace = (inverse(C).diagonal().array() / sd.array().square()).sum();
  const double constant = 0.5 * nu * q * std::log(s) - 0.5 * nu * q * std::numbers::ln2 -
                          log_multivariate_gamma(0.5 * nu, sd.size());
  // |d Sigma / d (sd, C)| = 2^q prod sd^q
  const double jacobian = q * std::numbers::ln2 + q * log_sds;
  return constant - 0.5 * (nu + q + 1) * (2 * log_sds + log_volume) - 0.5 * s * trace + jacobian;
}

void add_inv_wishart_gradient(ConstVectorRef sd, ConstMatrixRef C, double nu, double s,
                              VectorRef by_sd, MatrixRef by_C) {
  const auto q = static_cast<double>(sd.size());
  const Matrix I = inverse(C);
  by_sd.array() += (q - (nu + q + 1)) / sd.array() + s * I.diagonal().array() / sd.array().cube();
  const Vector precision = sd.cwiseAbs2().cwiseInverse();
  by_C += 0.5 * s * I * precision.asDiagonal() * I - 0.5 * (nu + q + 1) * I;
}

Matrix draw_inv_wishart(double nu, ConstMatrixRef scale, Rng& rng) {
  const Eigen::Index q = scale.rows();
  const Eigen::LLT<Matrix> llt(scale);
  // With A A' ~ W(nu, I) and B B' = scale: B (A A')^-1 B' ~ IW(nu, scale).
  Matrix A = Matrix::Zero(q, q);
  for (Eigen::Index i = 0; i < q; ++i) {
    A(i, i) = std::sqrt(rng.chi_squared(nu - static_cast<double>(i)));
    for (Eigen::Index j = 0; j < i; ++j) A(i, j) = rng.normal();
  }
  const Matrix root = A.triangularView<Eigen::Lower>().solve(Matrix(llt.matrixU()));
  return root.transpose() * root;
}

void split(ConstMatrixRef covariance, VectorRef sd, MatrixRef C) {
  sd = covariance.diagonal().cwiseSqrt();
  C = sd.cwiseInverse().asDiagonal() * covariance * sd.cwiseInverse().asDiagonal();
  C.diagonal().setOnes();
}

}  // namespace tarn
