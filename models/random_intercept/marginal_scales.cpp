// One or two standard deviations.
#include "marginal_scales.hpp"

#include <cmath>
#include <numbers>

namespace tarn::random_intercept {

MarginalScales::MarginalScales(const Design& design, const solver::Intercepts& groups,
                               const Coefficients& coefficients, const ParameterPrior* sigma,
                               const ParameterPrior& sd)
    : moments_(design.moments()),
      groups_(groups),
      coefficients_(coefficients),
      sigma_(sigma),
      sd_(sd),
      none_(Vector::Zero(as_index(design.size()))),
      ratio_alone_(sigma != nullptr && sigma->conjugate() && sd.conjugate() &&
                   coefficients.conjugate()) {
  if (ratio_alone_) {
    layout_.add({"rho", {}, Support::positive, "ratio of the variances, sd^2 / sigma^2"});
    return;
  }
  if (sigma_ != nullptr) layout_.add({"sigma", {}, Support::positive});
  layout_.add({"sd", {}, Support::positive});
}

void MarginalScales::to_marginal(const Scales& scales, VectorRef phi) const {
  phi[0] = ratio_alone_ ? scales.rho() : scales.sigma;
  if (!ratio_alone_) phi[phi.size() - 1] = scales.sd;
}

Scales MarginalScales::scales(ConstVectorRef phi) const {
  return {sigma_ != nullptr ? phi[0] : 1, phi[phi.size() - 1]};
}

double MarginalScales::log_constant() const {
  return moments_.log_weight - 0.5 * moments_.rows * std::log(2 * std::numbers::pi);
}

double MarginalScales::log_density(ConstVectorRef phi) const {
  if (ratio_alone_) return log_density_of(phi[0], ratio(phi[0]));
  const Scales now = scales(phi);
  const Matrix& F = groups_.factor(now.rho());
  return log_density_of(now, coefficients_.log_marginal(F, now.sigma, none_));
}

double MarginalScales::log_density_gradient(ConstVectorRef phi, VectorRef gradient) const {
  if (ratio_alone_) return ratio_gradient(phi[0], gradient);
  const Scales now = scales(phi);
  const auto& [sigma, sd] = now;
  const double rho = now.rho();
  const auto b = coefficients_.integrate(groups_.factor(rho), sigma);
  const double of_rho = 0.5 * (groups_.decrease(rho, columns(b)) / (sigma * sigma) -
                               groups_.log_determinant_slope(rho));
  gradient[gradient.size() - 1] = of_rho * 2 * rho / sd + sd_.score(sd);
  if (sigma_ != nullptr) {
    gradient[0] =
        b.dsigma - moments_.rows / sigma - of_rho * 2 * rho / sigma + sigma_->score(sigma);
  }
  return log_density_of(now, b.log_marginal);
}

/// MODEL.md (2), b integrated out.
double MarginalScales::log_density_of(const Scales& scales, double log_marginal) const {
  const double sum = log_constant() - moments_.rows * std::log(scales.sigma) -
                     0.5 * groups_.log_determinant(scales.rho()) + log_marginal +
                     sd_.log_density(scales.sd);
  return sigma_ != nullptr ? sum + sigma_->log_density(scales.sigma) : sum;
}

MarginalScales::Ratio MarginalScales::ratio(double rho) const {
  const Matrix& F = groups_.factor(rho);
  const double q = coefficients_.posterior(F, 1, none_).matrix()(none_.size(), none_.size());
  return ratio(rho, coefficients_.log_marginal(F, 1, none_), q * q);
}

MarginalScales::Ratio MarginalScales::ratio(double rho, double log_marginal, double least) const {
  const auto [shape_s, scale_s] = *sigma_->conjugate();
  const auto [shape_t, scale_t] = *sd_.conjugate();
  return {shape_s + shape_t + 0.5 * (moments_.rows - static_cast<double>(coefficients_.flat())),
          scale_s + scale_t / rho + 0.5 * least, log_marginal + 0.5 * least};
}

/// MODEL.md (5).
double MarginalScales::log_density_of(double rho, const Ratio& given) const {
  return log_constant() - ((*sd_.conjugate())[0] + 1) * std::log(rho) -
         0.5 * groups_.log_determinant(rho) + given.log_integral -
         given.shape * std::log(given.scale);
}

double MarginalScales::ratio_gradient(double rho, VectorRef gradient) const {
  auto b = coefficients_.integrate(groups_.factor(rho), 1);
  const Ratio given = ratio(rho, b.log_marginal, b.least);
  const auto [shape_t, scale_t] = *sd_.conjugate();
  // Given rho, E[1 / sigma^2] = shape / scale, and b has the covariance sigma^2 root root'.
  const double precision = given.shape / given.scale;
  b.root /= std::sqrt(precision);
  gradient[0] = precision * (scale_t / (rho * rho) + 0.5 * groups_.decrease(rho, columns(b))) -
                (shape_t + 1) / rho - 0.5 * groups_.log_determinant_slope(rho);
  return log_density_of(rho, given);
}

Matrix MarginalScales::columns(const Coefficients::Integrated& b) const {
  const Eigen::Index p = none_.size();
  Matrix B = Matrix::Zero(p + 1, p + 1);
  B.topLeftCorner(p, p) = b.root;
  B.col(p) << b.mean, -1;
  return B;
}

Scales MarginalScales::sample(ConstVectorRef phi, Rng& rng) const {
  if (!ratio_alone_) return scales(phi);
  const Ratio given = ratio(phi[0]);
  const double sigma = std::sqrt(rng.inv_gamma(given.shape, given.scale));
  return {sigma, sigma * std::sqrt(phi[0])};
}

}  // namespace tarn::random_intercept
