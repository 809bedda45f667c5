// Whole levels of a Gaussian model.
#include "tarn/normal_rows.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include <Eigen/Cholesky>

namespace tarn {
namespace {

/// The rows of one level: sums of what its effects meet.
struct LevelSums {
  explicit LevelSums(Eigen::Index q) : squares(q, q), products(q) {}

  void clear() {
    squares.setZero();
    products.setZero();
    residual = count = log_weight = 0;
  }

  Matrix squares;       // w z z'
  Vector products;      // w z e, e the residual
  double residual = 0;  // w e^2
  double count = 0;
  double log_weight = 0;
};

/// With r = L u, u ~ N(0, I), the integral over u is that of a Gaussian about its mode u*:
///   log p = -n (log(2 pi) / 2 + log sigma) - (SSE(u*) / sigma^2 + u*'u*) / 2 - log|G|,
///   G G' = I + L'A L / sigma^2,   A = sum w z z'.
/// The residuals at u* are those at r plus Z (r - L u*): small numbers, so that little cancels
/// however large the effects are, and L may be singular.
double log_integral(const LevelSums& level, double sigma, const Matrix& L, ConstVectorRef r) {
  const double precision = 1 / (sigma * sigma);
  const Matrix A_L = level.squares * L;
  const Eigen::LLT<Matrix> G(Matrix::Identity(L.cols(), L.cols()) +
                             precision * L.transpose() * A_L);
  Vector u = precision * (L.transpose() * level.products + A_L.transpose() * r);
  G.solveInPlace(u);
  const Vector rest = r - L * u;
  const double sse = level.residual + rest.dot(2 * level.products + level.squares * rest);
  return level.log_weight - level.count * (0.5 * std::log(2 * std::numbers::pi) + std::log(sigma)) -
         0.5 * (sse * precision + u.squaredNorm()) - G.matrixLLT().diagonal().array().log().sum();
}

}  // namespace

void normal_log_likelihood_of_levels(const Design& design, const Rows& rows, ConstVectorRef mean,
                                     ConstVectorRef sigma, const DrawnEffects& effects,
                                     VectorRef by_level) {
  const std::vector<std::size_t> terms = design.terms_on(effects.grouping);
  const auto& level = rows.level[effects.grouping];
  const Eigen::Index q = effects.r.rows();
  LevelSums sums(q);
  Vector z(q);
  Eigen::Index at = 0;
  for (std::size_t i = 0; i < rows.count();) {
    sums.clear();
    const std::int32_t j = level[i];
    for (; i < rows.count() && level[i] == j; ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      Eigen::Index k = 0;
      for (const std::size_t t : terms) {
        for (Eigen::Index c = 0; c < rows.Z[t].cols(); ++c) z[k++] = rows.Z[t](row, c);
      }
      const double w = rows.weight[row];
      const double e = rows.y[row] - mean[row];
      for (Eigen::Index a = 0; a < q; ++a) {
        for (Eigen::Index b = 0; b < q; ++b) sums.squares(b, a) += w * z[a] * z[b];
        sums.products[a] += w * z[a] * e;
      }
      sums.residual += w * e * e;
      sums.count += rows.frequency[row];
      if (w != rows.frequency[row]) {
        sums.log_weight += 0.5 * rows.frequency[row] * std::log(w / rows.frequency[row]);
      }
    }
    by_level[at++] =
        log_integral(sums, sigma[sigma.size() > 1 ? j : 0], effects.factor, effects.r.col(j));
  }
}

}  // namespace tarn
