// Correlation matrices by partial correlations (Lewandowski, Kurowicka & Joe 2009): w = tanh z, row
// by row of the Cholesky factor L, whose rows have length 1:
//   L_ij = w_ij s_i1 ... s_i,j-1,   L_ii = s_i1 ... s_i,i-1,   s = (1 - w^2)^(1/2) = 1 / cosh z
// and log |d R / d z| = sum_{i>j} (1 + (q - 1 - j) / 2) log(1 - w_ij^2), j counted from 1.
#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>

#include "sample/transform/transform.hpp"

namespace tarn {
namespace {

/// log(1 - tanh(z)^2), which has digits left where tanh(z) is 1 to all of its own.
double log_one_minus_squared_tanh(double z) {
  const double size = std::abs(z);
  return 2 * (std::numbers::ln2 - size - std::log1p(std::exp(-2 * size)));
}

class Correlation final : public Transform {
 public:
  explicit Correlation(Eigen::Index q) : q_(q) {}

  Eigen::Index size() const noexcept override { return q_ * (q_ - 1) / 2; }

  void to_free(ConstVectorRef natural, VectorRef free) const override {
    const Eigen::Map<const Matrix> R(natural.data(), q_, q_);
    const Matrix L = R.llt().matrixL();
    for (Eigen::Index i = 1, row = 0; i < q_; row += i, ++i) {
      // sinh z_ij = w_ij / s_ij, and the squares right of j sum to (s_i1 ... s_ij)^2.
      double right = L(i, i) * L(i, i);
      for (Eigen::Index j = i - 1; j >= 0; --j) {
        free[row + j] = std::asinh(L(i, j) / std::sqrt(right));
        right += L(i, j) * L(i, j);
      }
    }
  }

  double to_natural(ConstVectorRef free, VectorRef natural) const override {
    const Matrix L = factor(free);
    Eigen::Map<Matrix> R(natural.data(), q_, q_);
    R.setIdentity();
    double jacobian = 0;
    for (Eigen::Index i = 1, row = 0; i < q_; row += i, ++i) {
      for (Eigen::Index j = 0; j < i; ++j) {
        R(i, j) = R(j, i) = L.row(i).head(j + 1).dot(L.row(j).head(j + 1));
        jacobian += exponent(j) * log_one_minus_squared_tanh(free[row + j]);
      }
    }
    return jacobian;
  }

  void pull_back(ConstVectorRef free, ConstVectorRef, ConstVectorRef natural_gradient,
                 VectorRef gradient) const override {
    const Matrix L = factor(free);
    const Eigen::Map<const Matrix> G(natural_gradient.data(), q_, q_);
    const Matrix of_factor = (G + G.transpose()) * L;  // d/dL, as R = L L'
    for (Eigen::Index i = 1, row = 0; i < q_; row += i, ++i) {
      double right = L(i, i) * L(i, i);          // (s_i1 ... s_ij)^2
      double later = of_factor(i, i) * L(i, i);  // sum over the columns right of j
      for (Eigen::Index j = i - 1; j >= 0; --j) {
        const double z = free[row + j];
        const double w = std::tanh(z);
        gradient[row + j] =
            of_factor(i, j) * std::sqrt(right) / std::cosh(z) - w * later - 2 * exponent(j) * w;
        right += L(i, j) * L(i, j);
        later += of_factor(i, j) * L(i, j);
      }
    }
  }

 private:
  double exponent(Eigen::Index j) const { return 1 + 0.5 * static_cast<double>(q_ - 2 - j); }

  Matrix factor(ConstVectorRef free) const {
    Matrix L = Matrix::Zero(q_, q_);
    L(0, 0) = 1;
    for (Eigen::Index i = 1, row = 0; i < q_; row += i, ++i) {
      double left = 1;
      for (Eigen::Index j = 0; j < i; ++j) {
        L(i, j) = left * std::tanh(free[row + j]);
        left /= std::cosh(free[row + j]);
      }
      L(i, i) = left;
    }
    return L;
  }

  Eigen::Index q_;
};

}  // namespace

std::unique_ptr<Transform> correlation(Eigen::Index q) { return std::make_unique<Correlation>(q); }

}  // namespace tarn
