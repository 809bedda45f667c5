// Differences of elpd, and stacking weights by an interior-point method.
#include "judge/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <Eigen/Cholesky>

namespace tarn {
namespace {

/// -sum_i log (P w)_i - barrier sum_k log w_k: convex on the simplex.
double objective(const Matrix& P, const Vector& w, double barrier) {
  return -(P * w).array().log().sum() - barrier * w.array().log().sum();
}

/// The direction of Newton that keeps the sum of w, and its decrease squared.
struct Newton {
  Vector direction;
  double decrement;
};

Newton newton(const Matrix& P, const Vector& w, double barrier) {
  const Vector density = P * w;
  Matrix scaled = P;
  scaled.array().colwise() /= density.array();
  const Vector gradient = -scaled.colwise().sum().transpose() - barrier * w.cwiseInverse();
  Matrix hessian = scaled.transpose() * scaled;
  hessian.diagonal() += barrier * w.cwiseAbs2().cwiseInverse();
  const Eigen::LDLT<Matrix> solver(hessian);
  const Vector ones = Vector::Ones(w.size());
  const Vector free = solver.solve(gradient);
  const Vector normal = solver.solve(ones);
  const Vector direction = normal * (free.sum() / normal.sum()) - free;
  return {direction, -gradient.dot(direction)};
}

}  // namespace

std::vector<std::size_t> best_first(ConstMatrixRef pointwise) {
  const Vector sums = pointwise.colwise().sum();
  std::vector<std::size_t> order(as_size(sums.size()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return sums[as_index(a)] > sums[as_index(b)]; });
  return order;
}

Difference difference(ConstMatrixRef pointwise, std::size_t k, std::size_t best) {
  const Vector d = pointwise.col(as_index(k)) - pointwise.col(as_index(best));
  const auto n = static_cast<double>(d.size());
  const double variance = (d.array() - d.mean()).square().sum() / (n - 1);
  return {d.sum(), k == best ? 0 : std::sqrt(n * variance)};
}

Vector stacking_weights(ConstMatrixRef pointwise) {
  const auto n = static_cast<double>(pointwise.rows());
  const Matrix P = (pointwise.colwise() - pointwise.rowwise().maxCoeff()).array().exp();
  Vector w = Vector::Constant(P.cols(), 1 / static_cast<double>(P.cols()));
  // The weights are within (models) x barrier / n of the best (Boyd & Vandenberghe 2004, 11.2.2).
  for (double barrier = n; barrier > 1e-13 * n; barrier /= 5) {
    for (int step = 0; step < 100; ++step) {
      const Newton next = newton(P, w, barrier);
      if (!(next.decrement > 1e-16 * n)) break;
      double length = 1;
      for (Eigen::Index k = 0; k < w.size(); ++k) {
        if (next.direction[k] < 0) length = std::min(length, -0.99 * w[k] / next.direction[k]);
      }
      const double before = objective(P, w, barrier);
      while (length > 1e-12 && !(objective(P, w + length * next.direction, barrier) <=
                                 before - 0.1 * length * next.decrement)) {
        length /= 2;
      }
      if (length <= 1e-12) break;
      w += length * next.direction;
    }
  }
  return w / w.sum();
}

Vector pseudo_bma_weights(ConstMatrixRef pointwise, Rng& rng) {
  constexpr int replicates = 1000;
  const Eigen::Index n = pointwise.rows();
  Vector sum = Vector::Zero(pointwise.cols());
  Vector share(n);
  for (int replicate = 0; replicate < replicates; ++replicate) {
    for (double& s : share) s = -std::log(rng.uniform());  // Dirichlet(1, ..., 1), up to its sum
    share *= static_cast<double>(n) / share.sum();
    const Vector elpd = pointwise.transpose() * share;
    const Eigen::ArrayXd weight = (elpd.array() - elpd.maxCoeff()).exp();
    sum.array() += weight / weight.sum();
  }
  return sum / replicates;
}

}  // namespace tarn
