// The posterior of the standard deviations and correlations, everything else integrated out.
#pragma once

#include <tarn/coefficients.hpp>
#include <tarn/covariance.hpp>
#include <tarn/layout.hpp>
#include <tarn/prior.hpp>

#include "group_statistics.hpp"

namespace tarn::random_slope {

/// sigma and the groups' covariance matrix Sigma.
struct Spread {
  double sigma = 1;  // 1 with known standard errors, which are in the weights
  Covariance covariance;

  Matrix lambda() const { return covariance.factor() / sigma; }
};

/// Keeps sigma (not with known standard errors), the sds, and the correlations.
class MarginalCovariance {
 public:
  /// `sigma` is null with known standard errors. What is referred to must outlive this.
  MarginalCovariance(const Design& design, const GroupStatistics& groups,
                     const Coefficients& coefficients, const ParameterPrior* sigma,
                     const GroupCovariance& covariance);

  const Layout& layout() const noexcept { return layout_; }

  void keep(const Spread& spread, VectorRef phi) const;
  Spread spread(ConstVectorRef phi) const;

  /// log p(y, phi), with all constants (MODEL.md (4)).
  double log_density(ConstVectorRef phi) const;

  /// The same, and its derivatives (MODEL.md (6)).
  double log_density_gradient(ConstVectorRef phi, VectorRef gradient) const;

 private:
  /// From the sum of log |K_j| and what b leaves when integrated out.
  double log_density_of(const Spread& spread, double log_determinant, double log_marginal) const;

  const Moments& moments_;
  const GroupStatistics& groups_;
  const Coefficients& coefficients_;
  const ParameterPrior* sigma_;
  const GroupCovariance& covariance_;
  Layout layout_;
  GroupCovariance::Place place_;
  Vector none_;  // coefficients, where their values do not matter
};

}  // namespace tarn::random_slope
