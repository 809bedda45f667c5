// Covariance matrices by their Cholesky factor L, row by row: the diagonal by its logarithm d, and
// what is before it in units of it, so that units of the variables are nothing but shifts of d:
//   log |d Sigma / d z| = q log 2 + (q + 1) sum_k d_k.
#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>

#include "sample/transform/transform.hpp"

namespace tarn {
namespace {

class CovarianceTransform final : public Transform {
 public:
  explicit CovarianceTransform(Eigen::Index q) : q_(q) {}

  Eigen::Index size() const noexcept override { return q_ * (q_ + 1) / 2; }

  void to_free(ConstVectorRef natural, VectorRef free) const override {
    const Eigen::Map<const Matrix> sigma(natural.data(), q_, q_);
    const Matrix L = sigma.llt().matrixL();
    for (Eigen::Index i = 0, row = 0; i < q_; ++i, row += i) {
      for (Eigen::Index j = 0; j < i; ++j) free[row + j] = L(i, j) / L(i, i);
      free[row + i] = std::log(L(i, i));
    }
  }

  double to_natural(ConstVectorRef free, VectorRef natural) const override {
    const Matrix L = factor(free);
    Eigen::Map<Matrix> sigma(natural.data(), q_, q_);
    double jacobian = static_cast<double>(q_) * std::numbers::ln2;
    for (Eigen::Index i = 0, row = 0; i < q_; ++i, row += i) {
      for (Eigen::Index j = 0; j <= i; ++j) {
        sigma(i, j) = sigma(j, i) = L.row(i).head(j + 1).dot(L.row(j).head(j + 1));
      }
      jacobian += exponent() * free[row + i];
    }
    return jacobian;
  }

  void pull_back(ConstVectorRef free, ConstVectorRef, ConstVectorRef natural_gradient,
                 VectorRef gradient) const override {
    const Matrix L = factor(free);
    const Eigen::Map<const Matrix> G(natural_gradient.data(), q_, q_);
    const Matrix of_factor = (G + G.transpose()) * L;  // d/dL, as Sigma = L L'
    for (Eigen::Index i = 0, row = 0; i < q_; ++i, row += i) {
      for (Eigen::Index j = 0; j < i; ++j) gradient[row + j] = of_factor(i, j) * L(i, i);
      gradient[row + i] = of_factor.row(i).head(i + 1).dot(L.row(i).head(i + 1)) + exponent();
    }
  }

 private:
  double exponent() const { return static_cast<double>(q_ + 1); }

  Matrix factor(ConstVectorRef free) const {
    Matrix L = Matrix::Zero(q_, q_);
    for (Eigen::Index i = 0, row = 0; i < q_; ++i, row += i) {
      L(i, i) = std::exp(free[row + i]);
      for (Eigen::Index j = 0; j < i; ++j) L(i, j) = free[row + j] * L(i, i);
    }
    return L;
  }

  Eigen::Index q_;
};

}  // namespace

std::unique_ptr<Transform> covariance(Eigen::Index q) {
  return std::make_unique<CovarianceTransform>(q);
}

}  // namespace tarn
