// Pooled linear regression, one population without groups (MODEL.md has the algebra):
//
//   y_i = x_i'b + e_i,   e_i ~ N(0, sigma^2)
//
//   b_k      ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma    ~ any density of a positive number; inv_gamma on sigma^2 is the conjugate one
//
// With scaled_normal (or flat) coefficients and an inverse-gamma (or flat) variance this is the
// Normal-Inverse-Gamma regression, and every draw is exact and independent of the one before.
#include <cmath>
#include <numbers>

#include <tarn/plugin.hpp>

#include "regression/regression.hpp"
#include "solver/no_effects.hpp"

namespace tarn::pooled {

class Pooled final : public Extends<regression::Regression, Evidence> {
 public:
  static constexpr int generality = 0;

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) return std::nullopt;
    return "it has no group effects, but the formula has the group term of '" +
           design.groupings[design.terms.front().grouping].name + "'";
  }

  /// The evidence has a closed form where all is conjugate, and exists where the priors are proper.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors) {
    auto all = Regression::withholds(design, priors);
    const Coefficients coefficients(design, priors);
    const bool closed =
        regression::is_gaussian(design) &&
        (design.known_errors ? coefficients.gaussian()
                             : coefficients.conjugate() && priors.of("sigma").conjugate());
    if (!closed || !priors.proper()) all.push_back(Evidence::id);
    return all;
  }

  explicit Pooled(const ModelInput& input)
      : Extends(input, regression::solver_of<solver::NoEffects>(input.design)) {
    if (!solver_ || psi_.size() == 0) return;
    sigma_prior_ = &psi_.prior(0);
    const auto shape = exact_shape();
    if (shape && *shape <= 0) {
      throw InputError("flat priors need more rows than the " + std::to_string(design_.size()) +
                       " coefficients; give sigma and the coefficients proper priors");
    }
    if (shape) marginal_ = {};
    steps_ = {{together, "b, sigma", {terms_.b(), psi_.block()}}};
  }

  // --- Gibbs: b and sigma in one block -----------------------------------------------------------

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    if (step_id != together) return Regression::draw(step_id, theta, rng);
    read(theta, state_);
    b().mix(state_.b, rng);
    state_.psi[0] = draw_sigma(state_.psi[0], state_.b, rng);
    b().draw(moments_->factor, state_.psi[0], state_.b, rng);
    write(state_, theta);
  }

  // --- b, and where conjugate sigma, integrated out ----------------------------------------------

  void to_marginal(ConstVectorRef theta, VectorRef phi) const override {
    if (phi.size() > 0) Regression::to_marginal(theta, phi);
  }

  double log_marginal(ConstVectorRef phi) override {
    return phi.size() > 0 ? Regression::log_marginal(phi) : 0;
  }

  double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) override {
    return phi.size() > 0 ? Regression::log_marginal_gradient(phi, gradient) : 0;
  }

  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override {
    if (!solver_) return Regression::sample_conditional(phi, theta, rng);
    state_.b.setZero();
    if (sigma_prior_ != nullptr) {
      state_.psi[0] = phi.size() > 0 ? phi[0] : draw_sigma(1, state_.b, rng);
    }
    b().draw(moments_->factor, state_.sigma(), state_.b, rng);
    write(state_, theta);
  }

  // --- log p(y) ----------------------------------------------------------------------------------

  /// MODEL.md (3): the marginal likelihood, b and sigma integrated out.
  double log_evidence() override {
    const Vector zero = Vector::Zero(terms_.p());
    const double at_one = log_scale(1) + b().log_marginal(moments_->factor, 1, zero);
    if (sigma_prior_ == nullptr) return at_one;
    const auto [a0, b0] = *sigma_prior_->conjugate();
    const double least = least_squares();
    const double an = *exact_shape();
    return at_one + least / 2 + a0 * std::log(b0) - an * std::log(b0 + least / 2) + log_gamma(an) -
           log_gamma(a0);
  }

 private:
  static constexpr std::size_t together = 1000;  // a step of its own

  Coefficients& b() { return terms_.coefficients(); }

  /// Shape of sigma^2 | y if all priors are conjugate; (2) in MODEL.md.
  std::optional<double> exact_shape() {
    if (!sigma_prior_->conjugate() || !b().conjugate()) return std::nullopt;
    return (*sigma_prior_->conjugate())[0] + (moments_->rows - static_cast<double>(b().flat())) / 2;
  }

  /// The least quadratic form of b at sigma = 1.
  double least_squares() {
    const double q = b().posterior(moments_->factor, 1, Vector::Zero(terms_.p()))
                         .matrix()(terms_.p(), terms_.p());
    return q * q;
  }

  /// sigma | y, the Gaussian coefficients integrated out.
  double draw_sigma(double current, const Vector& at, Rng& rng) {
    if (const auto shape = exact_shape()) {
      const double scale = (*sigma_prior_->conjugate())[1] + least_squares() / 2;
      return std::sqrt(rng.inv_gamma(*shape, scale));
    }
    const auto log_density = [&](double x) {  // x = log sigma; + x is the Jacobian
      const double s = std::exp(x);
      return b().log_marginal(moments_->factor, s, at) - moments_->rows * x +
             sigma_prior_->log_density(s) + x;
    };
    return std::exp(slice(std::log(current), 3 / std::sqrt(2 * moments_->rows), log_density, rng));
  }

  const ParameterPrior* sigma_prior_ = nullptr;  // none with known standard errors
};

}  // namespace tarn::pooled

TARN_PLUGIN("pooled", "0.5.0") {
  plugin.model<tarn::pooled::Pooled>("pooled", "y = X b + e: one population, no groups");
}
