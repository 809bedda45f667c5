// The posterior of the standard deviations, everything else integrated out.
#pragma once

#include <tarn/coefficients.hpp>
#include <tarn/layout.hpp>
#include <tarn/prior.hpp>

#include "group_statistics.hpp"

/// sigma and the groups' standard deviation.
struct Scales {
  double sigma = 1;  // 1 with known standard errors, which are in the weights
  double sd = 1;

  double rho() const { return sd * sd / (sigma * sigma); }
};

/// Two standard deviations are kept; or one, with known standard errors; or, where conjugate priors
/// let sigma be integrated out as well, the ratio of the variances alone (MODEL.md (5)).
class KeptScales {
 public:
  /// `sigma` is null with known standard errors. What is referred to must outlive this.
  KeptScales(const tarn::Design& design, const GroupStatistics& groups,
             const tarn::Coefficients& coefficients, const tarn::ParameterPrior* sigma,
             const tarn::ParameterPrior& sd);

  const tarn::Layout& layout() const noexcept { return layout_; }

  void keep(const Scales& scales, tarn::VectorRef kept) const;

  /// log p(y, kept), with all constants.
  double log_density(tarn::ConstVectorRef kept) const;
  double log_density_gradient(tarn::ConstVectorRef kept, tarn::VectorRef gradient) const;

  /// The standard deviations given what is kept of them.
  Scales complete(tarn::ConstVectorRef kept, tarn::Rng& rng) const;

 private:
  /// sigma^2 | rho, y ~ IG(shape, scale), and the log of what b leaves when integrated out.
  struct Ratio {
    double shape;
    double scale;
    double log_integral;
  };

  Ratio ratio(double rho) const;
  Ratio ratio(double rho, double log_marginal, double least) const;
  double log_density_of(double rho, const Ratio& given) const;
  double ratio_gradient(double rho, tarn::VectorRef gradient) const;

  Scales spread(tarn::ConstVectorRef kept) const;
  double log_density_of(const Scales& scales, double log_marginal) const;
  double log_constant() const;

  const tarn::Moments& moments_;
  const GroupStatistics& groups_;
  const tarn::Coefficients& coefficients_;
  const tarn::ParameterPrior* sigma_;
  const tarn::ParameterPrior& sd_;
  tarn::Layout layout_;
  tarn::Vector none_;  // coefficients, where their values do not matter
  bool ratio_alone_;
};
