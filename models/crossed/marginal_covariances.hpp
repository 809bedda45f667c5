// The posterior of the standard deviations and correlations of all factors, the rest integrated
// out.
#pragma once

#include <vector>

#include <tarn/coefficients.hpp>
#include <tarn/covariance.hpp>
#include <tarn/layout.hpp>
#include <tarn/prior.hpp>

#include "elimination.hpp"

namespace tarn::crossed {

/// sigma and the covariance matrix of every factor, in the order of the normal equations.
struct Spread {
  double sigma = 1;  // 1 with known standard errors, which are in the weights
  std::vector<Covariance> covariances;

  std::vector<Matrix> lambda() const;
};

/// Keeps sigma (not with known standard errors), and sds and correlations of all factors.
class MarginalCovariances {
 public:
  /// `sigma` is null with known standard errors. What is referred to must outlive this.
  MarginalCovariances(const Design& design, const NormalEquations& equations,
                      const Coefficients& coefficients, const ParameterPrior* sigma,
                      const std::vector<GroupCovariance>& covariances);

  const Layout& layout() const noexcept { return layout_; }

  void keep(const Spread& spread, VectorRef phi) const;
  Spread spread(ConstVectorRef phi) const;

  /// log p(y, phi), with all constants (MODEL.md (4)).
  double log_density(ConstVectorRef phi, Elimination& effects, const Response& response) const;

 private:
  const Moments& moments_;
  const NormalEquations& equations_;
  const Coefficients& coefficients_;
  const ParameterPrior* sigma_;
  const std::vector<GroupCovariance>& covariances_;
  Layout layout_;
  std::vector<GroupCovariance::Place> places_;
  Vector none_;  // coefficients, where their values do not matter
};

/// F with F'F = the products left by an elimination, for the response as it was before its fit was
/// taken off.
Matrix factor_of(const Elimination::Marginal& marginal, const NormalEquations& equations);

}  // namespace tarn::crossed
