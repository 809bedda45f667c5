// The posterior of the standard deviations and correlations of all factors, the rest integrated
// out.
#pragma once

#include <vector>

#include <tarn/coefficients.hpp>
#include <tarn/covariance.hpp>
#include <tarn/layout.hpp>
#include <tarn/prior.hpp>

#include "elimination.hpp"

/// sigma and the covariance matrix of every factor, in the order of the normal equations.
struct Spread {
  double sigma = 1;  // 1 with known standard errors, which are in the weights
  std::vector<tarn::Covariance> covariances;

  std::vector<tarn::Matrix> lambda() const;
};

/// Keeps sigma (not with known standard errors), and sds and correlations of all factors.
class KeptCovariances {
 public:
  /// `sigma` is null with known standard errors. What is referred to must outlive this.
  KeptCovariances(const tarn::Design& design, const NormalEquations& equations,
                  const tarn::Coefficients& coefficients, const tarn::ParameterPrior* sigma,
                  const std::vector<tarn::GroupCovariance>& covariances);

  const tarn::Layout& layout() const noexcept { return layout_; }

  void keep(const Spread& spread, tarn::VectorRef kept) const;
  Spread spread(tarn::ConstVectorRef kept) const;

  /// log p(y, kept), with all constants (MODEL.md (4)).
  double log_density(tarn::ConstVectorRef kept, Elimination& effects,
                     const Response& response) const;

 private:
  const tarn::Moments& moments_;
  const NormalEquations& equations_;
  const tarn::Coefficients& coefficients_;
  const tarn::ParameterPrior* sigma_;
  const std::vector<tarn::GroupCovariance>& covariances_;
  tarn::Layout layout_;
  std::vector<tarn::GroupCovariance::Place> places_;
  tarn::Vector none_;  // coefficients, where their values do not matter
};

/// F with F'F = the products left by an elimination, for the response as it was before its fit was
/// taken off.
tarn::Matrix factor_of(const Elimination::Marginal& marginal, const NormalEquations& equations);
