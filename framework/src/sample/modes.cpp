// Ascents by BFGS, and the curvature where they end.
#include "sample/modes.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <Eigen/Cholesky>

namespace tarn {
namespace {

constexpr int most_steps = 100;
/// Half the Newton decrement: what a log density still lacks of its maximum.
constexpr double at_the_top = 0.01;
constexpr double longest = 2;  // step in a free coordinate: a factor of e^2 of a scale

/// Climbs from z (Nocedal & Wright 2006, algorithm 6.1, with backtracking).
std::optional<Vector> climb(const Target& target, Vector z) {
  const Eigen::Index d = z.size();
  Vector gradient(d), next_gradient(d);
  Matrix inverse = Matrix::Identity(d, d);  // of the curvature
  double value = target.log_density_gradient(z, gradient);
  bool fresh = true;
  for (int step = 0; step < most_steps; ++step) {
    if (!std::isfinite(value) || !gradient.allFinite()) return std::nullopt;
    Vector move = inverse * gradient;
    const double rise = move.dot(gradient);
    if (!fresh && rise < at_the_top) return z;
    move *= std::min(1.0, longest / move.cwiseAbs().maxCoeff());
    double next = value;
    double share = 1;
    for (;; share /= 4) {
      if (share < 1e-6) return fresh ? std::optional<Vector>(z) : std::nullopt;
      next = target.log_density_gradient(z + share * move, next_gradient);
      if (next > value + 1e-4 * share * move.dot(gradient)) break;
    }
    const Vector s = share * move;
    const Vector y = gradient - next_gradient;
    const double sy = s.dot(y);
    if (sy > 0) {
      if (fresh) inverse *= sy / y.squaredNorm();
      const Matrix left = Matrix::Identity(d, d) - s * y.transpose() / sy;
      inverse = left * inverse * left.transpose() + s * s.transpose() / sy;
      fresh = false;
    }
    z += s;
    value = next;
    gradient = next_gradient;
  }
  return std::nullopt;
}

/// The mode at z; none where the density does not bend downwards in all directions.
std::optional<Mode> mode_at(const Target& target, const Vector& z) {
  constexpr double step = 0x1p-10;  // of free coordinates, which are of order 1
  const Eigen::Index d = z.size();
  Matrix curvature(d, d);
  Vector there = z, right(d), left(d);
  for (Eigen::Index i = 0; i < d; ++i) {
    there[i] = z[i] + step;
    target.log_density_gradient(there, right);
    there[i] = z[i] - step;
    target.log_density_gradient(there, left);
    there[i] = z[i];
    curvature.col(i) = (left - right) / (2 * step);
  }
  if (!curvature.allFinite()) return std::nullopt;
  const Eigen::LLT<Matrix> llt(0.5 * (curvature + curvature.transpose()));
  if (llt.info() != Eigen::Success) return std::nullopt;
  const Matrix L = llt.matrixL();
  const Eigen::LLT<Matrix> covariance(Matrix(llt.solve(Matrix::Identity(d, d))));
  if (covariance.info() != Eigen::Success) return std::nullopt;
  return Mode{z, covariance.matrixL(), target.log_density(z) - L.diagonal().array().log().sum()};
}

/// Whether z is within some standard deviations of the mode.
bool is_at(const Mode& mode, const Vector& z) {
  const Vector u = mode.root.triangularView<Eigen::Lower>().solve(z - mode.z);
  return u.squaredNorm() < static_cast<double>(z.size()) + 1;
}

}  // namespace

std::vector<Mode> modes_from(const Target& target, const std::vector<Vector>& points,
                             double least) {
  std::vector<Mode> modes;
  for (const Vector& point : points) {
    const std::optional<Vector> top = climb(target, point);
    if (!top || std::ranges::any_of(modes, [&](const Mode& m) { return is_at(m, *top); })) continue;
    if (auto mode = mode_at(target, *top)) modes.push_back(std::move(*mode));
  }
  if (modes.empty()) return modes;
  std::ranges::sort(modes, std::ranges::greater(), &Mode::log_weight);
  double sum = 0;
  for (const Mode& mode : modes) sum += std::exp(mode.log_weight - modes.front().log_weight);
  std::erase_if(modes, [&](const Mode& mode) {
    return mode.log_weight - modes.front().log_weight < std::log(least * sum);
  });
  return modes;
}

}  // namespace tarn
