// Standard deviations and correlations of several factors.
#include "marginal_covariances.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <tarn/factor.hpp>

namespace tarn::crossed {

std::vector<Matrix> Spread::lambda() const {
  std::vector<Matrix> all;
  for (const Covariance& covariance : covariances) all.push_back(covariance.factor() / sigma);
  return all;
}

Matrix factor_of(const Elimination::Marginal& marginal, const NormalEquations& equations) {
  const Eigen::Index p = equations.p();
  Matrix factor = factor_of_products(marginal.products, std::sqrt(equations.rounding()));
  factor.col(p) += factor.leftCols(p) * equations.shift();
  return factor;
}

MarginalCovariances::MarginalCovariances(const Design& design, const NormalEquations& equations,
                                         const Coefficients& coefficients,
                                         const ParameterPrior* sigma,
                                         const std::vector<GroupCovariance>& covariances)
    : moments_(design.moments()),
      equations_(equations),
      coefficients_(coefficients),
      sigma_(sigma),
      covariances_(covariances),
      none_(Vector::Zero(equations.p())) {
  if (sigma_ != nullptr) layout_.add({"sigma", {}, Support::positive});
  for (const GroupCovariance& covariance : covariances_) {
    places_.push_back(covariance.add_to(layout_));
  }
}

void MarginalCovariances::keep(const Spread& spread, VectorRef phi) const {
  if (sigma_ != nullptr) phi[0] = spread.sigma;
  for (std::size_t f = 0; f < covariances_.size(); ++f) {
    covariances_[f].write(spread.covariances[f], layout_, places_[f], phi);
  }
}

Spread MarginalCovariances::spread(ConstVectorRef phi) const {
  Spread spread{sigma_ != nullptr ? phi[0] : 1, {}};
  for (std::size_t f = 0; f < covariances_.size(); ++f) {
    spread.covariances.push_back(covariances_[f].read(layout_, places_[f], phi));
  }
  return spread;
}

double MarginalCovariances::log_density(ConstVectorRef phi, Elimination& effects,
                                        const Response& response) const {
  const Spread now = spread(phi);
  const Elimination::Marginal marginal = effects.factorise(now.lambda(), response);
  double sum = moments_.log_weight -
               moments_.rows * (0.5 * std::log(2 * std::numbers::pi) + std::log(now.sigma)) -
               0.5 * marginal.log_determinant +
               coefficients_.log_marginal(factor_of(marginal, equations_), now.sigma, none_);
  for (std::size_t f = 0; f < covariances_.size(); ++f) {
    sum += covariances_[f].log_density(now.covariances[f]);
  }
  return sigma_ != nullptr ? sum + sigma_->log_density(now.sigma) : sum;
}

}  // namespace tarn::crossed
