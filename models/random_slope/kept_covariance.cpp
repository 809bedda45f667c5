// Standard deviations and correlations.
#include "kept_covariance.hpp"

#include <cmath>
#include <numbers>

using namespace tarn;

KeptCovariance::KeptCovariance(const Design& design, const GroupStatistics& groups,
                               const Coefficients& coefficients, const ParameterPrior* sigma,
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

void KeptCovariance::keep(const Spread& spread, VectorRef kept) const {
  if (sigma_ != nullptr) kept[0] = spread.sigma;
  covariance_.write(spread.covariance, layout_, place_, kept);
}

Spread KeptCovariance::spread(ConstVectorRef kept) const {
  return {sigma_ != nullptr ? kept[0] : 1, covariance_.read(layout_, place_, kept)};
}

double KeptCovariance::log_density(const Spread& spread,
                                   const GroupStatistics::Marginal& marginal) const {
  const double sum =
      moments_.log_weight -
      moments_.rows * (0.5 * std::log(2 * std::numbers::pi) + std::log(spread.sigma)) -
      0.5 * marginal.log_determinant +
      coefficients_.log_marginal(marginal.factor, spread.sigma, none_) +
      covariance_.log_density(spread.covariance);
  return sigma_ != nullptr ? sum + sigma_->log_density(spread.sigma) : sum;
}

double KeptCovariance::log_density(ConstVectorRef kept) const {
  const Spread now = spread(kept);
  return log_density(now, groups_.marginal(now.lambda()));
}
