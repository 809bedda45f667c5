// Standard deviations and correlations.
#include "marginal_covariance.hpp"

#include <cmath>
#include <numbers>

namespace tarn::random_slope {

MarginalCovariance::MarginalCovariance(const Design& design, const GroupStatistics& groups,
                                       const Coefficients& coefficients,
                                       const ParameterPrior* sigma,
                                       const GroupCovariance& covariance)
    : moments_(design.moments()),
      groups_(groups),
      coefficients_(coefficients),
      sigma_(sigma),
      covariance_(covariance),
      none_(Vector::Zero(static_cast<Eigen::Index>(design.size()))) {
  if (sigma_ != nullptr) layout_.add({"sigma", {}, Support::positive});
  place_ = covariance_.add_to(layout_);
}

void MarginalCovariance::keep(const Spread& spread, VectorRef phi) const {
  if (sigma_ != nullptr) phi[0] = spread.sigma;
  covariance_.write(spread.covariance, layout_, place_, phi);
}

Spread MarginalCovariance::spread(ConstVectorRef phi) const {
  return {sigma_ != nullptr ? phi[0] : 1, covariance_.read(layout_, place_, phi)};
}

double MarginalCovariance::log_density_of(const Spread& spread, double log_determinant,
                                          double log_marginal) const {
  const double sum =
      moments_.log_weight -
      moments_.rows * (0.5 * std::log(2 * std::numbers::pi) + std::log(spread.sigma)) -
      0.5 * log_determinant + log_marginal + covariance_.log_density(spread.covariance);
  return sigma_ != nullptr ? sum + sigma_->log_density(spread.sigma) : sum;
}

double MarginalCovariance::log_density(ConstVectorRef phi) const {
  const Spread now = spread(phi);
  const GroupStatistics::Marginal& marginal = groups_.marginal(now.lambda());
  return log_density_of(now, marginal.log_determinant,
                        coefficients_.log_marginal(marginal.factor, now.sigma, none_));
}

double MarginalCovariance::log_density_gradient(ConstVectorRef phi, VectorRef gradient) const {
  const Spread now = spread(phi);
  const double s2 = now.sigma * now.sigma;
  const Matrix lambda = now.lambda();
  const GroupStatistics::Marginal& marginal = groups_.marginal(lambda);
  const Coefficients::Integrated b = coefficients_.integrate(marginal.factor, now.sigma);

  // E[(b', -1)'(b', -1)] = B B'; and the derivative with respect to Sigma / sigma^2.
  const Eigen::Index p = none_.size();
  Matrix B = Matrix::Zero(p + 1, p + 1);
  B.topLeftCorner(p, p) = b.root;
  B.col(p) << b.mean, -1;
  const Matrix by_ratio = groups_.derivative(lambda, B / now.sigma);

  Vector sd = Vector::Zero(covariance_.size());
  Matrix correlation = Matrix::Zero(sd.size(), sd.size());
  covariance_.add_gradient(now.covariance, sd, correlation);
  covariance_.add_chain(now.covariance, by_ratio / s2, sd, correlation);
  covariance_.write({sd, correlation}, layout_, place_, gradient);
  if (sigma_ != nullptr) {
    const double of_ratio = by_ratio.cwiseProduct(lambda * lambda.transpose()).sum();
    gradient[0] =
        b.dsigma - moments_.rows / now.sigma - 2 * of_ratio / now.sigma + sigma_->score(now.sigma);
  }
  return log_density_of(now, marginal.log_determinant, b.log_marginal);
}

}  // namespace tarn::random_slope
