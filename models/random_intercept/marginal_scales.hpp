// The posterior of the standard deviations, everything else integrated out.
#pragma once

#include <tarn/coefficients.hpp>
#include <tarn/layout.hpp>
#include <tarn/prior.hpp>

#include "solver/intercepts.hpp"

namespace tarn::random_intercept {

/// sigma and the groups' standard deviation.
struct Scales {
  double sigma = 1;  // 1 with known standard errors, which are in the weights
  double sd = 1;

  double rho() const { return sd * sd / (sigma * sigma); }
};

/// phi: two standard deviations; or one, with known standard errors; or, where conjugate priors
/// let sigma be integrated out as well, the ratio of the variances alone (MODEL.md (5)).
class MarginalScales {
 public:
  /// `sigma` is null with known standard errors. What is referred to must outlive this.
  MarginalScales(const Design& design, const solver::Intercepts& groups,
                 const Coefficients& coefficients, const ParameterPrior* sigma,
                 const ParameterPrior& sd);

  const Layout& layout() const noexcept { return layout_; }

  void to_marginal(const Scales& scales, VectorRef phi) const;

  /// log p(y, phi), with all constants.
  double log_density(ConstVectorRef phi) const;
  double log_density_gradient(ConstVectorRef phi, VectorRef gradient) const;

  /// The standard deviations | phi, y.
  Scales sample(ConstVectorRef phi, Rng& rng) const;

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
  double ratio_gradient(double rho, VectorRef gradient) const;

  Scales scales(ConstVectorRef phi) const;

  /// B with E[(b', -1)'(b', -1)] = B B'.
  Matrix columns(const Coefficients::Integrated& b) const;
  double log_density_of(const Scales& scales, double log_marginal) const;
  double log_constant() const;

  const Moments& moments_;
  const solver::Intercepts& groups_;
  const Coefficients& coefficients_;
  const ParameterPrior* sigma_;
  const ParameterPrior& sd_;
  Layout layout_;
  Vector none_;  // coefficients, where their values do not matter
  bool ratio_alone_;
};

}  // namespace tarn::random_intercept
