// Newton's method, for functions of a microsecond each.
#include "mode.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>

namespace tarn::collapsed {
namespace {

struct Derivatives {
  double value;
  Vector gradient;
  Matrix hessian;
};

/// Central differences with a step for each coordinate.
Derivatives differentiate(const Target& target, const Vector& z, const Vector& step) {
  const Eigen::Index d = z.size();
  Derivatives f{target.log_density(z), Vector(d), Matrix(d, d)};
  const auto moved = [&](Eigen::Index i, double a, Eigen::Index j, double b) {
    Vector x = z;
    x[i] += a * step[i];
    x[j] += b * step[j];
    return target.log_density(x);
  };
  for (Eigen::Index i = 0; i < d; ++i) {
    const double up = moved(i, 1, i, 0);
    const double down = moved(i, -1, i, 0);
    f.gradient[i] = (up - down) / (2 * step[i]);
    f.hessian(i, i) = (up - 2 * f.value + down) / (step[i] * step[i]);
    for (Eigen::Index j = 0; j < i; ++j) {
      const double mixed =
          moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1);
      f.hessian(i, j) = f.hessian(j, i) = mixed / (4 * step[i] * step[j]);
    }
  }
  return f;
}

}  // namespace

std::optional<Mode> find_mode(const Target& target, Vector start) {
  const Eigen::Index d = start.size();
  Vector z = std::move(start);
  Vector step = Vector::Constant(d, 1e-3);
  constexpr double flattest = 1e-3;  // curvature below this is none: a step of 30 is long enough

  for (int iteration = 0; iteration < 200; ++iteration) {
    const Derivatives f = differentiate(target, z, step);
    if (!std::isfinite(f.value) || !f.gradient.allFinite() || !f.hessian.allFinite()) break;

    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(-f.hessian);
    const Vector curvature = eigen.eigenvalues().cwiseAbs().cwiseMax(flattest);
    const Vector newton = eigen.eigenvectors() *
                          (eigen.eigenvectors().transpose() * f.gradient).cwiseQuotient(curvature);
    const double gain = f.gradient.dot(newton);  // twice the gain that the parabola promises
    if (gain < 1e-6) {
      return Mode{z, eigen.eigenvectors(), curvature};
    }
    double length = std::min(1.0, 3 / newton.norm());
    while (length > 1e-8 && !(target.log_density(z + length * newton) > f.value)) length /= 2;
    if (length <= 1e-8) {  // no better point: rounding is all that is left of the gradient
      return Mode{z, eigen.eigenvectors(), curvature};
    }
    z += length * newton;
    // A tenth of a posterior standard deviation: far enough for the digits, near enough for Taylor.
    step = 0.1 * (-f.hessian.diagonal()).cwiseMax(1.0).cwiseSqrt().cwiseInverse();
  }
  return std::nullopt;
}

}  // namespace tarn::collapsed
