// Linear regression with any number of grouping factors, crossed or nested (MODEL.md has the
// algebra):
//
//   y_i = x_i'b + sum_f z_fi'r_f[level of i in f] + e_i,   e_i ~ N(0, sigma^2),   r_fj ~ N(0,
//   Sigma_f)
//
//   b_k      ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma    ~ any density of a positive number; inv_gamma on sigma^2 is conjugate
//   Sigma_f  = diag(sd) C diag(sd): any density for each sd, lkj for C; or inv_wishart for Sigma_f
//
// Where all factors but chains of nested ones have few levels, all effects are integrated out
// exactly. Else factors with many levels take turns in the Gibbs sweep, each in one block with b
// and the small factors.
#include <cmath>
#include <numbers>
#include <optional>

#include <tarn/plugin.hpp>

#include "marginal_covariances.hpp"
#include "parts.hpp"
#include "sweep.hpp"

namespace tarn::crossed {
namespace {

class Crossed final : public Offers<LogDensity, LogPrior, Gradient, FullConditionals, Collapsed,
                                    PointwiseLogLikelihood, GroupwiseLogLikelihood, Predictive,
                                    Expectation, NewGroups, PriorDraws> {
 public:
  static constexpr int generality = 3;
  static constexpr bool reads_rows = true;

  static std::vector<Takes> takes() {
    return {Takes::weights, Takes::offset, Takes::standard_errors, Takes::gaps};
  }

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) {
      return "the formula has no group term; it needs one, such as (1 | g)";
    }
    return std::nullopt;
  }

  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = coefficient_parameters(design);
    for (Parameter& sigma : residual_parameters(design)) all.push_back(std::move(sigma));
    for (Parameter& group : group_parameters(design)) all.push_back(std::move(group));
    return all;
  }

  /// What is integrated out must be Gaussian, and few enough.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors) {
    if (Coefficients(design, priors).gaussian() &&
        is_affordable(design.derived<NormalEquations>())) {
      return {};
    }
    return {Collapsed::id};
  }

  explicit Crossed(const ModelInput& input)
      : parts_(input),
        sweep_(parts_),
        marginal_(parts_.design, parts_.equations, parts_.coefficients, parts_.sigma_prior,
                  parts_.covariances),
        untouched_(parts_.equations) {}

  const Layout& layout() const noexcept override { return parts_.layout; }

  void start(VectorRef theta, Rng& rng) override {
    // Half of the variance that the covariates leave goes to the groups, in equal parts.
    const double residual =
        0.7 * parts_.moments.factor(parts_.p(), parts_.p()) / std::sqrt(parts_.moments.rows);
    State now = parts_.empty();
    if (parts_.sigma_prior != nullptr) now.sigma = start_scale(*parts_.sigma_prior, residual, rng);
    Eigen::Index columns = 0;
    for (const GroupCovariance& covariance : parts_.covariances) columns += covariance.size();
    const double guess = parts_.design.known_errors ? parts_.design.response_scale.sd : residual;
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      now.covariances[f] = parts_.covariances[f].start(guess, columns, rng);
    }
    parts_.coefficients.start(parts_.moments.factor, now.sigma, now.b, rng);
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      for (double& r : now.r[f]) r = 0.1 * guess * rng.normal();
    }
    parts_.write(now, theta);
    for (std::size_t k = 0; k < sweep_.blocks(); ++k) draw(k, theta, rng);
  }

  // --- p(y, theta) -------------------------------------------------------------------------------

  double log_density(ConstVectorRef theta) override {
    const State now = parts_.read(theta);
    const Residuals& left = sweep_.residuals(now);
    double sum =
        log_density_of(now, left.squares()) + parts_.coefficients.log_density(now.b, now.sigma);
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      sum += parts_.covariances[f].effects_log_density(now.covariances[f],
                                                       parts_.by_column(f, now.r[f]));
    }
    return sum;
  }

  double log_prior(ConstVectorRef theta) override {
    const State now = parts_.read(theta);
    double sum = parts_.coefficients.log_density(now.b, now.sigma);
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      sum += parts_.covariances[f].log_density(now.covariances[f]);
    }
    return parts_.sigma_prior != nullptr ? sum + parts_.sigma_prior->log_density(now.sigma) : sum;
  }

  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override {
    const State now = parts_.read(theta);
    const Residuals& left = sweep_.residuals(now);
    const double s = now.sigma;
    double ds = left.squares() / (s * s * s) - parts_.moments.rows / s;
    auto db = parts_.layout.of(gradient, parts_.b);
    db = left.of_covariates() / (s * s);
    double sum = log_density_of(now, left.squares()) +
                 parts_.coefficients.log_density_gradient(now.b, s, db, ds);
    parts_.design.gradient_to_user(db);
    if (parts_.sigma_prior != nullptr)
      parts_.layout.of(gradient, parts_.sigma)[0] = ds + parts_.sigma_prior->score(s);
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      const GroupCovariance& covariance = parts_.covariances[f];
      const Eigen::Index q = covariance.size();
      Matrix dr = parts_.by_column(f, left.of(f)) / (s * s);
      Covariance slope{Vector::Zero(q), Matrix::Zero(q, q)};
      covariance.add_gradient(now.covariances[f], slope.sd, slope.correlation);
      sum += covariance.add_effects_gradient(now.covariances[f], parts_.by_column(f, now.r[f]), dr,
                                             slope);
      parts_.layout.of(gradient, parts_.r[f]) = dr.reshaped();
      covariance.write(slope, parts_.layout, parts_.sds[f], gradient);
    }
    return sum;
  }

  // --- Gibbs steps -------------------------------------------------------------------------------

  std::span<const Step> steps() const noexcept override { return sweep_.steps(); }
  std::span<const Step> plain_steps() const noexcept override { return sweep_.plain_steps(); }

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    State now = parts_.read(theta);
    sweep_.draw(step_id, now, rng);
    parts_.write(now, theta);
  }

  // --- b and r integrated out --------------------------------------------------------------------

  const Layout& marginal_layout() const noexcept override { return marginal_.layout(); }

  void to_marginal(ConstVectorRef theta, VectorRef phi) const override {
    marginal_.keep(parts_.spread(theta), phi);
  }

  double log_marginal(ConstVectorRef phi) override {
    return marginal_.log_density(phi, sweep_.effects(), untouched_.response());
  }

  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override {
    State now = parts_.empty();
    static_cast<Spread&>(now) = marginal_.spread(phi);
    Elimination& effects = sweep_.effects();
    const Elimination::Marginal marginal = effects.factorise(now.lambda(), untouched_.response());
    parts_.coefficients.draw(factor_of(marginal, parts_.equations), now.sigma, now.b, rng);
    effects.draw(now.b - parts_.equations.shift(), now.sigma, now.r, rng);
    parts_.write(now, theta);
  }

  // --- rows --------------------------------------------------------------------------------------

  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
    const State now = parts_.read(theta);
    normal_log_likelihood(rows, mean(now, rows), now.sigma, by_row);
  }

  void log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows, std::size_t grouping,
                                VectorRef by_level) override {
    const State now = parts_.read(theta);
    const std::size_t f = parts_.place_of(grouping);
    normal_log_likelihood_of_levels(
        parts_.design, rows, mean(now, rows), Vector::Constant(1, now.sigma),
        {grouping, now.covariances[f].factor(), parts_.by_column(f, now.r[f])}, by_level);
  }

  void predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) override {
    const State now = parts_.read(theta);
    normal_predict(rows, mean(now, rows), now.sigma, y, rng);
  }

  void expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) override {
    mean = this->mean(parts_.read(theta), rows);
  }

  void draw_group(std::size_t grouping, std::size_t level, VectorRef theta, Rng& rng) override {
    const std::size_t f = parts_.place_of(grouping);
    parts_.covariances[f].draw_effects(
        parts_.covariances[f].read(parts_.layout, parts_.sds[f], theta), level,
        parts_.layout.of(theta, parts_.r[f]), rng);
  }

  void center_group(std::size_t grouping, std::size_t level, VectorRef theta) override {
    const std::size_t f = parts_.place_of(grouping);
    parts_.covariances[f].center_effects(level, parts_.layout.of(theta, parts_.r[f]));
  }

  void draw_prior(VectorRef theta, Rng& rng) override {
    State now = parts_.empty();
    if (parts_.sigma_prior != nullptr) now.sigma = parts_.sigma_prior->draw(rng);
    parts_.coefficients.draw_prior(now.b, now.sigma, rng);
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      now.covariances[f] = parts_.covariances[f].draw_prior(rng);
      fill_normal(now.r[f], rng);
      parts_.covariances[f].spread(now.covariances[f], parts_.by_column(f, now.r[f]));
    }
    parts_.write(now, theta);
  }

 private:
  /// log p(y, theta) less those of b and r.
  double log_density_of(const State& now, double squares) const {
    const double s = now.sigma;
    double sum = parts_.moments.log_weight -
                 parts_.moments.rows * (0.5 * std::log(2 * std::numbers::pi) + std::log(s)) -
                 squares / (2 * s * s);
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      sum += parts_.covariances[f].log_density(now.covariances[f]);
    }
    return parts_.sigma_prior != nullptr ? sum + parts_.sigma_prior->log_density(s) : sum;
  }

  Vector mean(const State& now, const Rows& rows) const {
    Vector mean = rows.X * now.b;
    for (std::size_t f = 0; f < parts_.factors(); ++f) {
      parts_.covariances[f].add_to_mean(rows, parts_.by_column(f, now.r[f]), mean);
    }
    return mean;
  }

  Parts parts_;
  Sweep sweep_;
  MarginalCovariances marginal_;
  const Residuals untouched_;
};

}  // namespace

}  // namespace tarn::crossed

TARN_PLUGIN("crossed", "0.2.0") {
  plugin.model<tarn::crossed::Crossed>(
      "crossed", "y = X b + Z r + e: any grouping factors, crossed or nested");
}
