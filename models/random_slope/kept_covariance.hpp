// The posterior of the standard deviations and correlations, everything else integrated out.
#pragma once

#include <tarn/coefficients.hpp>
#include <tarn/covariance.hpp>
#include <tarn/layout.hpp>
#include <tarn/prior.hpp>

#include "group_statistics.hpp"

/// sigma and the groups' covariance matrix Sigma.
struct Spread {
  double sigma = 1;  // 1 with known standard errors, which are in the weights
  tarn::Covariance covariance;

  tarn::Matrix lambda() const { return covariance.factor() / sigma; }
};

/// Keeps sigma (not with known standard errors), the sds, and the correlations.
class KeptCovariance {
 public:
  /// `sigma` is null with known standard errors. What is referred to must outlive this.
  KeptCovariance(const tarn::Design& design, const GroupStatistics& groups,
                 const tarn::Coefficients& coefficients, const tarn::ParameterPrior* sigma,
                 const tarn::GroupCovariance& covariance);

  const tarn::Layout& layout() const noexcept { return layout_; }

  void keep(const Spread& spread, tarn::VectorRef kept) const;
  Spread spread(tarn::ConstVectorRef kept) const;

  /// log p(y, kept), with all constants (MODEL.md (4)).
  double log_density(tarn::ConstVectorRef kept) const;

  /// The same, and its derivatives (MODEL.md (6)).
  double log_density_gradient(tarn::ConstVectorRef kept, tarn::VectorRef gradient) const;

 private:
  /// From the sum of log |K_j| and what b leaves when integrated out.
  double log_density_of(const Spread& spread, double log_determinant, double log_marginal) const;

  const tarn::Moments& moments_;
  const GroupStatistics& groups_;
  const tarn::Coefficients& coefficients_;
  const tarn::ParameterPrior* sigma_;
  const tarn::GroupCovariance& covariance_;
  tarn::Layout layout_;
  tarn::GroupCovariance::Place place_;
  tarn::Vector none_;  // coefficients, where their values do not matter
};
