// The multivariate t distribution as a normal over the root of a chi-square.
#include "multivariate_t.hpp"

#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>

#include <tarn/distributions.hpp>

namespace tarn::collapsed {

MultivariateT::MultivariateT(double nu, const Point& location, const Square& scale)
    : nu_(nu),
      location_(location),
      root_(scale.llt().matrixL()),
      inverse_(root_.triangularView<Eigen::Lower>().solve(
          Square::Identity(location.size(), location.size()))) {
  const auto d = static_cast<double>(location.size());
  log_constant_ = log_gamma((nu + d) / 2) - log_gamma(nu / 2) -
                  0.5 * d * std::log(nu * std::numbers::pi) - root_.diagonal().array().log().sum();
}

Point MultivariateT::draw(Rng& rng) const {
  Point e(location_.size());
  rng.normal({e.data(), as_size(e.size())});
  e /= std::sqrt(rng.chi_squared(nu_) / nu_);
  return location_ + root_.lazyProduct(e);
}

double MultivariateT::log_density(const Point& x) const {
  const Point from = x - location_;
  const Point e = inverse_.lazyProduct(from);
  const auto d = static_cast<double>(x.size());
  return log_constant_ - 0.5 * (nu_ + d) * std::log1p(e.squaredNorm() / nu_);
}

Eigen::ArrayXd MultivariateT::squared_distances(const Matrix& points) const {
  const Matrix e = inverse_ * (points.colwise() - location_);
  return e.colwise().squaredNorm().transpose();
}

Eigen::ArrayXd MultivariateT::log_densities(const Eigen::ArrayXd& squared_distances) const {
  const auto d = static_cast<double>(location_.size());
  return log_constant_ - 0.5 * (nu_ + d) * (1 + squared_distances / nu_).log();
}

}  // namespace tarn::collapsed
