// Whitening by mode or by walk.
#include "whitening.hpp"

#include <cmath>
#include <utility>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <tarn/distributions.hpp>

namespace tarn::collapsed {
namespace {

/// From eigenvectors and the standard deviations along them.
Whitening along(Vector centre, const Matrix& vectors, const Vector& sd) {
  return {std::move(centre), vectors * sd.asDiagonal(),
          sd.cwiseInverse().asDiagonal() * vectors.transpose()};
}

}  // namespace

WhitenedDensity seen_from(const Whitening& whitening, const Target& target) {
  return [&whitening, &target, z = Vector(target.size())](const Vector& w) mutable {
    z.noalias() = whitening.forward.lazyProduct(w);
    z += whitening.centre;
    return target.log_density(z);
  };
}

double log_volume(const Whitening& whitening) {
  return std::log(std::abs(whitening.forward.determinant()));
}

Whitening whitening_at(const Mode& mode) {
  return along(mode.at, mode.directions, mode.curvature.cwiseSqrt().cwiseInverse());
}

Whitening whiten(const Target& target, const Vector& start, Rng& rng) {
  if (const auto mode = find_mode(target, start)) return whitening_at(*mode);
  return whiten_by_walk(target, start, rng);
}

Whitening whiten_by_walk(const Target& target, Vector z, Rng& rng) {
  const Eigen::Index d = z.size();
  const Eigen::Index rounds = 40 * d;
  Matrix visited(d, rounds / 2);
  for (Eigen::Index round = 0; round < rounds; ++round) {
    for (Eigen::Index k = 0; k < d; ++k) {
      const auto along_axis = [&](double x) {
        const double here = std::exchange(z[k], x);
        const double value = target.log_density(z);
        z[k] = here;
        return value;
      };
      z[k] = slice(z[k], 1.0, along_axis, rng);
    }
    if (round >= rounds - visited.cols()) visited.col(round - (rounds - visited.cols())) = z;
  }
  const Vector mean = visited.rowwise().mean();
  visited.colwise() -= mean;
  const Matrix covariance = visited * visited.transpose() / static_cast<double>(visited.cols());
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(covariance);
  // What hardly moved is given some room.
  const double least = 1e-8 * eigen.eigenvalues().maxCoeff() + 1e-16;
  return along(mean, eigen.eigenvectors(), eigen.eigenvalues().cwiseMax(least).cwiseSqrt());
}

}  // namespace tarn::collapsed
