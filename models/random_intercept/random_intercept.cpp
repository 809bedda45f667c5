// Linear regression with a random intercept for every group (MODEL.md has the algebra):
//
//   y_ij = x_ij'b + r_j + e_ij,   e_ij ~ N(0, sigma^2),   r_j ~ N(0, sd^2)
//
//   b_k    ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma  ~ any density of a positive number; inv_gamma on sigma^2 is conjugate
//   sd     ~ the same
//
// A draw costs the same for any number of rows. With conjugate priors sigma is integrated out, too.
#include <optional>

#include <tarn/plugin.hpp>

#include "marginal_scales.hpp"
#include "regression/regression.hpp"

namespace tarn::random_intercept {

class RandomIntercept final : public regression::Regression {
 public:
  static constexpr int generality = 1;

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) return "the formula has no group term; it needs one, such as (1 | g)";
    if (design.terms.size() > 1) return "it takes one group term, the formula has several";
    if (!design.terms.front().intercept_only()) {
      return "its only group effect is an intercept, (1 | g); the formula has a slope";
    }
    const Grouping& g = design.groupings.front();
    if (regression::is_gaussian(design) && !design.known_errors &&
        g.levels.size() == design.rows->count()) {
      return "every row is a group of its own in '" + g.name +
             "', so its sd cannot be told from sigma; group the rows, or give their known standard "
             "errors: y | se(s)";
    }
    return std::nullopt;
  }

  explicit RandomIntercept(const ModelInput& input)
      : RandomIntercept(input, regression::solver_of<solver::Intercepts>(input.design)) {}

  // --- b and r, and where conjugate sigma, integrated out ----------------------------------------

  void to_marginal(ConstVectorRef theta, VectorRef phi) const override {
    if (!scales_) return Regression::to_marginal(theta, phi);
    const double sigma = psi_.size() > 0 ? layout_.of(theta, psi_.block())[0] : 1;
    scales_->to_marginal({sigma, layout_.of(theta, terms_.sd(0))[0]}, phi);
  }

  double log_marginal(ConstVectorRef phi) override {
    return scales_ ? scales_->log_density(phi) : Regression::log_marginal(phi);
  }
  double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) override {
    return scales_ ? scales_->log_density_gradient(phi, gradient)
                   : Regression::log_marginal_gradient(phi, gradient);
  }

  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override {
    if (!scales_) return Regression::sample_conditional(phi, theta, rng);
    const Scales now = scales_->sample(phi, rng);
    if (psi_.size() > 0) state_.psi[0] = now.sigma;
    state_.covariances[0].sd[0] = now.sd;
    state_.b.setZero();
    terms_.coefficients().draw(groups_->factor(now.rho()), now.sigma, state_.b, rng);
    groups_->draw_effects(now.rho(), now.sd, state_.b, state_.r[0], rng);
    write(state_, theta);
  }

 private:
  RandomIntercept(const ModelInput& input, const std::shared_ptr<solver::Intercepts>& groups)
      : Regression(input, groups), groups_(groups) {
    if (!groups_) return;
    scales_.emplace(
        design_, *groups_, terms_.coefficients(), psi_.size() > 0 ? &psi_.prior(0) : nullptr,
        input.priors.of({Subject::Kind::group_sd, "Intercept", design_.groupings.front().name}));
    marginal_ = scales_->layout();
  }

  std::shared_ptr<const solver::Intercepts> groups_;  // the solver
  std::optional<MarginalScales> scales_;
};

}  // namespace tarn::random_intercept

TARN_PLUGIN("random_intercept", "0.5.0") {
  plugin.model<tarn::random_intercept::RandomIntercept>(
      "random_intercept", "y = X b + r_group + e: one grouping factor, (1 | g)");
}
