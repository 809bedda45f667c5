// One or two standard deviations.
#include "kept_scales.hpp"

#include <cmath>
#include <numbers>

using namespace tarn;

KeptScales::KeptScales(const Design& design, const GroupStatistics& groups,
                       const Coefficients& coefficients, const ParameterPrior* sigma,
                       const ParameterPrior& sd)
    : moments_(design.moments()),
      groups_(groups),
      coefficients_(coefficients),
      sigma_(sigma),
      sd_(sd),
      none_(Vector::Zero(static_cast<Eigen::Index>(design.size()))),
      ratio_alone_(sigma != nullptr && sigma->conjugate() && sd.conjugate() &&
                   coefficients.conjugate()) {
  if (ratio_alone_) {
    layout_.add({"rho", {}, Support::positive, "ratio of the variances, sd^2 / sigma^2"});
    return;
  }
  if (sigma_ != nullptr) layout_.add({"sigma", {}, Support::positive});
  layout_.add({"sd", {}, Support::positive});
}

void KeptScales::keep(const Scales& scales, VectorRef kept) const {
  kept[0] = ratio_alone_ ? scales.rho() : scales.sigma;
  if (!ratio_alone_) kept[kept.size() - 1] = scales.sd;
}

Scales KeptScales::spread(ConstVectorRef kept) const {
  return {sigma_ != nullptr ? kept[0] : 1, kept[kept.size() - 1]};
}

KeptScales::Ratio KeptScales::ratio(double rho) const {
  const auto [shape_s, scale_s] = *sigma_->conjugate();
  const auto [shape_t, scale_t] = *sd_.conjugate();
  const Matrix F = groups_.factor(rho);
  const double q = coefficients_.posterior(F, 1, none_).matrix()(none_.size(), none_.size());
  return {shape_s + shape_t + 0.5 * (moments_.rows - static_cast<double>(coefficients_.flat())),
          scale_s + scale_t / rho + 0.5 * q * q,
          coefficients_.log_marginal(F, 1, none_) + 0.5 * q * q};
}

double KeptScales::log_density(ConstVectorRef kept) const {
  const double constant =
      moments_.log_weight - 0.5 * moments_.rows * std::log(2 * std::numbers::pi);
  if (ratio_alone_) {  // (5)
    const double rho = kept[0];
    const Ratio given = ratio(rho);
    return constant - ((*sd_.conjugate())[0] + 1) * std::log(rho) -
           0.5 * groups_.log_determinant(rho) + given.log_integral -
           given.shape * std::log(given.scale);
  }
  const Scales scales = spread(kept);  // (2), b integrated out
  const double sum = constant - moments_.rows * std::log(scales.sigma) -
                     0.5 * groups_.log_determinant(scales.rho()) +
                     coefficients_.log_marginal(groups_.factor(scales.rho()), scales.sigma, none_) +
                     sd_.log_density(scales.sd);
  return sigma_ != nullptr ? sum + sigma_->log_density(scales.sigma) : sum;
}

Scales KeptScales::complete(ConstVectorRef kept, Rng& rng) const {
  if (!ratio_alone_) return spread(kept);
  const Ratio given = ratio(kept[0]);
  const double sigma = std::sqrt(rng.inv_gamma(given.shape, given.scale));
  return {sigma, sigma * std::sqrt(kept[0])};
}
