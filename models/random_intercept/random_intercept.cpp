// Linear regression with a random intercept for every group (MODEL.md has the algebra):
//
//   y_ij = x_ij'b + r_j + e_ij,   e_ij ~ N(0, sigma^2),   r_j ~ N(0, sd^2)
//
//   b_k    ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma  ~ any density of a positive number; inv_gamma on sigma^2 is conjugate
//   sd     ~ the same
//
// The rows enter through group_statistics alone: a draw costs the same for any number of rows.
#include <cmath>
#include <numbers>
#include <optional>

#include <tarn/plugin.hpp>

#include "group_statistics.hpp"
#include "marginal_scales.hpp"

namespace tarn::random_intercept {
namespace {

class RandomIntercept final
    : public Offers<LogDensity, LogPrior, Gradient, FullConditionals, Collapsed, CollapsedGradient,
                    PointwiseLogLikelihood, GroupwiseLogLikelihood, Predictive, Expectation,
                    NewGroups, PriorDraws> {
 public:
  static constexpr int generality = 1;

  static std::vector<Takes> takes() {
    return {Takes::weights, Takes::offset, Takes::standard_errors, Takes::gaps};
  }

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) return "the formula has no group term; it needs one, such as (1 | g)";
    if (design.terms.size() > 1) return "it takes one group term, the formula has several";
    if (!design.terms.front().intercept_only()) {
      return "its only group effect is an intercept, (1 | g); the formula has a slope";
    }
    const Grouping& g = design.groupings.front();
    if (!design.known_errors && g.levels.size() == design.rows->count()) {
      return "every row is a group of its own in '" + g.name +
             "', so its sd cannot be told from sigma; group the rows, or give their known standard "
             "errors: y | se(s)";
    }
    return std::nullopt;
  }

  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = coefficient_parameters(design);
    for (Parameter& sigma : residual_parameters(design)) all.push_back(std::move(sigma));
    for (Parameter& sd : group_parameters(design)) all.push_back(std::move(sd));
    return all;
  }

  /// What is integrated out must be Gaussian.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors) {
    if (Coefficients(design, priors).gaussian()) return {};
    return {Collapsed::id, CollapsedGradient::id};
  }

  explicit RandomIntercept(const ModelInput& input)
      : design_(input.design),
        moments_(design_.moments()),
        groups_(design_),
        coefficients_(design_, input.priors),
        sd_prior_(input.priors.of("sd(" + grouping().name + ", Intercept)")),
        b_(layout_.add({"b",
                        {{"coefficient", design_.coefficients}},
                        Support::real,
                        "population-level coefficients"})) {
    if (!design_.known_errors) {
      sigma_prior_ = &input.priors.of("sigma");
      sigma_ = layout_.add({"sigma", {}, Support::positive, "residual standard deviation"});
    }
    const std::string g = grouping().variable();
    const Axis term{g + "_term", {"Intercept"}};
    sd_ = layout_.add({"sd_" + g, {term}, Support::positive, "standard deviation of the groups"});
    r_ = layout_.add({"r_" + g,
                      {{g, grouping().levels}, term},
                      Support::real,
                      "deviation of each group from the population",
                      "sd_" + g});
    marginal_.emplace(design_, groups_, coefficients_, sigma_prior_, sd_prior_);
    list_steps();
    check_groups(sd_prior_, groups_.size());
  }

  const Layout& layout() const noexcept override { return layout_; }

  void start(VectorRef theta, Rng& rng) override {
    // Half of the variance that the covariates leave goes to the groups.
    const double residual = moments_.factor(p(), p()) / std::sqrt(moments_.rows);
    State now{{}, Vector(p()), Vector(groups_.size())};
    if (sigma_prior_ != nullptr) now.sigma = start_scale(*sigma_prior_, 0.7 * residual, rng);
    const double guess = design_.known_errors ? design_.response_scale.sd : 0.7 * residual;
    now.sd = start_scale(sd_prior_, guess, rng);
    coefficients_.start(groups_.factor(now.rho()), now.sigma, now.b, rng);
    draw_effects(now, rng);
    write(now, theta);
  }

  // --- p(y, theta) -------------------------------------------------------------------------------

  double log_density(ConstVectorRef theta) override {
    const State now = read(theta);
    return log_density_of(now, squares(now)) + coefficients_.log_density(now.b, now.sigma);
  }

  double log_prior(ConstVectorRef theta) override {
    const Scales at = scales(theta);
    Vector b = layout_.of(theta, b_);
    design_.to_working(b);
    const double sum = coefficients_.log_density(b, at.sigma) + sd_prior_.log_density(at.sd);
    return sigma_prior_ != nullptr ? sum + sigma_prior_->log_density(at.sigma) : sum;
  }

  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override {
    const State now = read(theta);
    const double s = now.sigma;
    const double sum = squares(now);
    double ds = sum / (s * s * s) - moments_.rows / s;
    auto db = layout_.of(gradient, b_);
    db = groups_.covariates_times_residuals(now.b, now.r) / (s * s);
    const double prior = coefficients_.log_density_gradient(now.b, s, db, ds);
    design_.gradient_to_user(db);
    layout_.of(gradient, r_) =
        groups_.weight().cwiseProduct(groups_.residual(now.b) - now.r) / (s * s) -
        now.r / (now.sd * now.sd);
    layout_.of(gradient, sd_)[0] = now.r.squaredNorm() / (now.sd * now.sd * now.sd) -
                                   groups_.count() / now.sd + sd_prior_.score(now.sd);
    if (sigma_prior_ != nullptr) layout_.of(gradient, sigma_)[0] = ds + sigma_prior_->score(s);
    return log_density_of(now, sum) + prior;
  }

  // --- Gibbs steps -------------------------------------------------------------------------------

  std::span<const Step> steps() const noexcept override { return steps_; }
  std::span<const Step> plain_steps() const noexcept override { return plain_steps_; }

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    State now = read(theta);
    switch (step_id) {
      case b_and_effects:  // b with the effects integrated out, then the effects: MODEL.md (3), (4)
        coefficients_.mix(now.b, rng);
        coefficients_.draw(groups_.factor(now.rho()), now.sigma, now.b, rng);
        draw_effects(now, rng);
        break;
      case b_given_effects:
        coefficients_.mix(now.b, rng);
        coefficients_.draw(groups_.factor_given(now.r, moments_.factor), now.sigma, now.b, rng);
        break;
      case effects_given_b:
        draw_effects(now, rng);
        break;
      case sigma_given_rest:
        now.sigma =
            draw_scale(*sigma_prior_, moments_.rows + static_cast<double>(coefficients_.scaled()),
                       squares(now) + coefficients_.scaled_squares(now.b), now.sigma, rng);
        break;
      case sd_given_effects:
        now.sd = draw_scale(sd_prior_, groups_.count(), now.r.squaredNorm(), now.sd, rng);
        break;
      case sd_given_ratios:
        interweave(now, rng);
        break;
      default:
        break;
    }
    write(now, theta);
  }

  // --- b and r integrated out --------------------------------------------------------------------

  const Layout& marginal_layout() const noexcept override { return marginal_->layout(); }

  void to_marginal(ConstVectorRef theta, VectorRef phi) const override {
    marginal_->keep(scales(theta), phi);
  }

  double log_marginal(ConstVectorRef phi) override { return marginal_->log_density(phi); }
  double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) override {
    return marginal_->log_density_gradient(phi, gradient);
  }

  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override {
    State now{marginal_->complete(phi, rng), Vector::Zero(p()), Vector(groups_.size())};
    coefficients_.draw(groups_.factor(now.rho()), now.sigma, now.b, rng);
    draw_effects(now, rng);
    write(now, theta);
  }

  // --- rows --------------------------------------------------------------------------------------

  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
    const State now = read(theta);
    normal_log_likelihood(rows, mean(now, rows), now.sigma, by_row);
  }

  void log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows, std::size_t grouping,
                                VectorRef by_level) override {
    const State now = read(theta);
    normal_log_likelihood_of_levels(design_, rows, mean(now, rows), Vector::Constant(1, now.sigma),
                                    {grouping, Matrix::Constant(1, 1, now.sd),
                                     Eigen::Map<const Matrix>(now.r.data(), 1, now.r.size())},
                                    by_level);
  }

  void predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) override {
    const State now = read(theta);
    normal_predict(rows, mean(now, rows), now.sigma, y, rng);
  }

  void expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) override {
    mean = this->mean(read(theta), rows);
  }

  void draw_group(std::size_t /*grouping*/, std::size_t level, VectorRef theta, Rng& rng) override {
    layout_.of(theta, r_)[static_cast<Eigen::Index>(level)] = scales(theta).sd * rng.normal();
  }

  void center_group(std::size_t /*grouping*/, std::size_t level, VectorRef theta) override {
    layout_.of(theta, r_)[static_cast<Eigen::Index>(level)] = 0;
  }

  void draw_prior(VectorRef theta, Rng& rng) override {
    State now{{1, sd_prior_.draw(rng)}, Vector(p()), Vector(groups_.size())};
    if (sigma_prior_ != nullptr) now.sigma = sigma_prior_->draw(rng);
    coefficients_.draw_prior(now.b, now.sigma, rng);
    fill_normal(now.r, rng);
    now.r *= now.sd;
    write(now, theta);
  }

 private:
  enum : std::size_t {
    b_and_effects,
    b_given_effects,
    effects_given_b,
    sigma_given_rest,
    sd_given_effects,
    sd_given_ratios
  };

  /// A draw in the letters of the textbook; b in working coordinates.
  struct State : Scales {
    Vector b;
    Vector r;
  };

  Scales scales(ConstVectorRef theta) const {
    return {sigma_prior_ != nullptr ? layout_.of(theta, sigma_)[0] : 1, layout_.of(theta, sd_)[0]};
  }

  State read(ConstVectorRef theta) const {
    State now{scales(theta), layout_.of(theta, b_), layout_.of(theta, r_)};
    design_.to_working(now.b);
    return now;
  }

  void write(const State& now, VectorRef theta) const {
    auto b = layout_.of(theta, b_);
    b = now.b;
    design_.to_user(b);
    if (sigma_prior_ != nullptr) layout_.of(theta, sigma_)[0] = now.sigma;
    layout_.of(theta, sd_)[0] = now.sd;
    layout_.of(theta, r_) = now.r;
  }

  const Grouping& grouping() const { return design_.groupings.front(); }
  Eigen::Index p() const { return static_cast<Eigen::Index>(design_.size()); }

  /// r_j | b, sigma, sd ~ N(n_j rho / (1 + n_j rho) (ybar_j - xbar_j'b), sd^2 / (1 + n_j rho)).
  void draw_effects(State& now, Rng& rng) const {
    const double rho = now.rho();
    const Vector& n = groups_.weight();
    fill_normal(now.r, rng);
    const auto precision = 1 + rho * n.array();
    now.r = rho * n.array() / precision * groups_.residual(now.b).array() +
            now.sd * now.r.array() / precision.sqrt();
  }

  double log_constant() const {
    return -0.5 * moments_.rows * std::log(2 * std::numbers::pi) + moments_.log_weight;
  }

  /// log p(y, theta) less that of b, given the sum of squared residuals.
  double log_density_of(const State& now, double squares) const {
    const double s = now.sigma;
    double sum = log_constant() - moments_.rows * std::log(s) - squares / (2 * s * s);
    sum -= groups_.count() * (0.5 * std::log(2 * std::numbers::pi) + std::log(now.sd)) +
           now.r.squaredNorm() / (2 * now.sd * now.sd);
    sum += sd_prior_.log_density(now.sd);
    return sigma_prior_ != nullptr ? sum + sigma_prior_->log_density(s) : sum;
  }

  /// The sum of all squared residuals, from the statistics within and between the groups.
  double squares(const State& now) const {
    const Vector between = groups_.residual(now.b) - now.r;
    return groups_.squares_within(now.b) + groups_.weight().dot(between.cwiseAbs2());
  }

  /// sd | y with the ratios r_j / sd held fixed (Yu & Meng 2011): moves freely where sd is near 0.
  void interweave(State& now, Rng& rng) const {
    const Vector ratio = now.r / now.sd;
    const Vector weighted = groups_.weight().cwiseProduct(ratio);
    const double a = weighted.dot(ratio);
    const double c = weighted.dot(groups_.residual(now.b));
    const double s2 = now.sigma * now.sigma;
    const auto log_density = [&](double x) {  // x = log sd; + x is the Jacobian
      const double sd = std::exp(x);
      return sd_prior_.log_density(sd) + x - (a * sd * sd - 2 * c * sd) / (2 * s2);
    };
    now.sd = std::exp(slice(std::log(now.sd), 1.0, log_density, rng));
    now.r = now.sd * ratio;
  }

  Vector mean(const State& now, const Rows& rows) const {
    Vector mean = rows.X * now.b;
    for (Eigen::Index i = 0; i < mean.size(); ++i) {
      mean[i] += now.r[rows.level.front()[static_cast<std::size_t>(i)]];
    }
    return mean;
  }

  void list_steps() {
    steps_ = {{b_and_effects, "b, r | sigma, sd", {b_, r_}}};
    plain_steps_ = {{b_given_effects, "b | r, sigma", {b_}},
                    {effects_given_b, "r | b, sigma, sd", {r_}}};
    for (auto* sweep : {&steps_, &plain_steps_}) {
      if (sigma_prior_ != nullptr) {
        sweep->push_back({sigma_given_rest, "sigma | b, r", {sigma_}});
      }
      sweep->push_back({sd_given_effects, "sd | r", {sd_}});
    }
    steps_.push_back({sd_given_ratios, "sd, r | r / sd", {sd_, r_}});
  }

  const Design& design_;
  const Moments& moments_;
  GroupStatistics groups_;
  Coefficients coefficients_;
  const ParameterPrior& sd_prior_;
  const ParameterPrior* sigma_prior_ = nullptr;  // none with known standard errors
  Layout layout_;
  std::optional<MarginalScales> marginal_;
  std::size_t b_;
  std::size_t sigma_ = 0;
  std::size_t sd_ = 0;
  std::size_t r_ = 0;
  std::vector<Step> steps_;
  std::vector<Step> plain_steps_;
};

}  // namespace

}  // namespace tarn::random_intercept

TARN_PLUGIN("random_intercept", "0.2.0") {
  plugin.model<tarn::random_intercept::RandomIntercept>(
      "random_intercept", "y = X b + r_group + e: one grouping factor, (1 | g)");
}
