// Linear regression with intercepts and slopes that vary by group (MODEL.md has the algebra):
//
//   y_ij = x_ij'b + z_ij'r_j + e_ij,   e_ij ~ N(0, sigma^2),   r_j ~ N(0, Sigma)
//
//   b_k    ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma  ~ any density of a positive number; inv_gamma on sigma^2 is conjugate
//   Sigma  = diag(sd) C diag(sd): any density for each sd, lkj for C; or inv_wishart for Sigma
//
// z holds the columns of all terms on one grouping factor; columns of different terms, and those of
// (x || g), are independent. The rows enter through group_statistics alone.
#include <cmath>
#include <numbers>
#include <optional>

#include <tarn/plugin.hpp>

#include "group_statistics.hpp"
#include "marginal_covariance.hpp"

namespace tarn::random_slope {
namespace {

class RandomSlope final
    : public Offers<LogDensity, LogPrior, Gradient, FullConditionals, Collapsed, CollapsedGradient,
                    PointwiseLogLikelihood, GroupwiseLogLikelihood, Predictive, Expectation,
                    NewGroups, PriorDraws> {
 public:
  static constexpr int generality = 2;

  static std::vector<Takes> takes() {
    return {Takes::weights, Takes::offset, Takes::standard_errors, Takes::gaps};
  }

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) {
      return "the formula has no group term; it needs one, such as (1 + x | g)";
    }
    if (design.groupings.size() > 1) {
      return "it takes group terms on one factor, the formula has " +
             std::to_string(design.groupings.size());
    }
    return std::nullopt;
  }

  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = coefficient_parameters(design);
    for (Parameter& sigma : residual_parameters(design)) all.push_back(std::move(sigma));
    for (Parameter& group : group_parameters(design)) all.push_back(std::move(group));
    return all;
  }

  /// What is integrated out must be Gaussian.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors) {
    if (Coefficients(design, priors).gaussian()) return {};
    return {Collapsed::id, CollapsedGradient::id};
  }

  explicit RandomSlope(const ModelInput& input)
      : design_(input.design),
        moments_(design_.moments()),
        groups_(design_),
        coefficients_(design_, input.priors),
        covariance_(design_, input.priors, 0),
        b_(layout_.add({"b",
                        {{"coefficient", design_.coefficients}},
                        Support::real,
                        "population-level coefficients"})) {
    if (!design_.known_errors) {
      sigma_prior_ = &input.priors.of("sigma");
      sigma_ = layout_.add({"sigma", {}, Support::positive, "residual standard deviation"});
    }
    place_ = covariance_.add_to(layout_);
    const std::string g = grouping().variable();
    r_ = layout_.add({"r_" + g,
                      {{g, grouping().levels}, {g + "_term", covariance_.columns()}},
                      Support::real,
                      "deviation of each group from the population",
                      "sd_" + g});
    marginal_.emplace(design_, groups_, coefficients_, sigma_prior_, covariance_);
    covariance_.check_proper(groups_.size());
    list_steps();
  }

  const Layout& layout() const noexcept override { return layout_; }

  void start(VectorRef theta, Rng& rng) override {
    // Half of the variance that the covariates leave goes to the groups, in equal parts.
    const double residual = 0.7 * moments_.factor(p(), p()) / std::sqrt(moments_.rows);
    State now = empty();
    if (sigma_prior_ != nullptr) now.sigma = start_scale(*sigma_prior_, residual, rng);
    now.covariance =
        covariance_.start(design_.known_errors ? design_.response_scale.sd : residual, q(), rng);
    coefficients_.start(groups_.marginal(now.lambda()).factor, now.sigma, now.b, rng);
    draw_effects(now, rng);
    write(now, theta);
  }

  // --- p(y, theta) -------------------------------------------------------------------------------

  double log_density(ConstVectorRef theta) override {
    const State now = read(theta);
    return log_density_of(now, squares(now)) + coefficients_.log_density(now.b, now.sigma) +
           covariance_.effects_log_density(now.covariance, by_column(now.r));
  }

  double log_prior(ConstVectorRef theta) override {
    const State now = read(theta);
    const double sum =
        coefficients_.log_density(now.b, now.sigma) + covariance_.log_density(now.covariance);
    return sigma_prior_ != nullptr ? sum + sigma_prior_->log_density(now.sigma) : sum;
  }

  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override {
    const State now = read(theta);
    const double s = now.sigma;
    const Vector rest = groups_.rest(now.b);
    const Vector e = groups_.residual(now.b, now.r);
    const double sum = rest.squaredNorm() + e.squaredNorm();

    double ds = sum / (s * s * s) - moments_.rows / s;
    auto db = layout_.of(gradient, b_);
    db = (groups_.score_of_b(e) - groups_.rest_factor().leftCols(p()).transpose() * rest) / (s * s);
    const double of_b = coefficients_.log_density_gradient(now.b, s, db, ds);
    design_.gradient_to_user(db);
    if (sigma_prior_ != nullptr) layout_.of(gradient, sigma_)[0] = ds + sigma_prior_->score(s);

    Matrix dr = groups_.score_of_r(e).reshaped(q(), groups_.size()) / (s * s);
    Covariance slope{Vector::Zero(q()), Matrix::Zero(q(), q())};
    covariance_.add_gradient(now.covariance, slope.sd, slope.correlation);
    const double of_r =
        covariance_.add_effects_gradient(now.covariance, by_column(now.r), dr, slope);
    layout_.of(gradient, r_) = dr.reshaped();
    covariance_.write(slope, layout_, place_, gradient);
    return log_density_of(now, sum) + of_b + of_r;
  }

  // --- Gibbs steps -------------------------------------------------------------------------------

  std::span<const Step> steps() const noexcept override { return steps_; }
  std::span<const Step> plain_steps() const noexcept override { return plain_steps_; }

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    State now = read(theta);
    switch (step_id) {
      case b_and_effects:  // b with the effects integrated out, then the effects: MODEL.md (2), (3)
        coefficients_.mix(now.b, rng);
        coefficients_.draw(groups_.marginal(now.lambda()).factor, now.sigma, now.b, rng);
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
      case covariance_given_effects: {
        const auto r = by_column(now.r);
        covariance_.draw(now.covariance, r * r.transpose(), groups_.count(), rng);
        break;
      }
      case sds_given_ratios:
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
    marginal_->keep(spread(theta), phi);
  }

  double log_marginal(ConstVectorRef phi) override { return marginal_->log_density(phi); }

  double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) override {
    return marginal_->log_density_gradient(phi, gradient);
  }

  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override {
    State now = empty();
    static_cast<Spread&>(now) = marginal_->spread(phi);
    coefficients_.draw(groups_.marginal(now.lambda()).factor, now.sigma, now.b, rng);
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
                                    {grouping, now.covariance.factor(), by_column(now.r)},
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
    covariance_.draw_effects(covariance_.read(layout_, place_, theta), level, layout_.of(theta, r_),
                             rng);
  }

  void center_group(std::size_t /*grouping*/, std::size_t level, VectorRef theta) override {
    covariance_.center_effects(level, layout_.of(theta, r_));
  }

  void draw_prior(VectorRef theta, Rng& rng) override {
    State now = empty();
    if (sigma_prior_ != nullptr) now.sigma = sigma_prior_->draw(rng);
    now.covariance = covariance_.draw_prior(rng);
    coefficients_.draw_prior(now.b, now.sigma, rng);
    fill_normal(now.r, rng);
    covariance_.spread(now.covariance, by_column(now.r));
    write(now, theta);
  }

 private:
  enum : std::size_t {
    b_and_effects,
    b_given_effects,
    effects_given_b,
    sigma_given_rest,
    covariance_given_effects,
    sds_given_ratios
  };

  /// A draw in the letters of the textbook; b in working coordinates, r_j one after the other.
  struct State : Spread {
    Vector b;
    Vector r;
  };

  State empty() const { return {{}, Vector::Zero(p()), Vector(groups_.size() * q())}; }

  Spread spread(ConstVectorRef theta) const {
    return {sigma_prior_ != nullptr ? layout_.of(theta, sigma_)[0] : 1,
            covariance_.read(layout_, place_, theta)};
  }

  State read(ConstVectorRef theta) const {
    State now{spread(theta), layout_.of(theta, b_), layout_.of(theta, r_)};
    design_.to_working(now.b);
    return now;
  }

  void write(const State& now, VectorRef theta) const {
    auto b = layout_.of(theta, b_);
    b = now.b;
    design_.to_user(b);
    if (sigma_prior_ != nullptr) layout_.of(theta, sigma_)[0] = now.sigma;
    covariance_.write(now.covariance, layout_, place_, theta);
    layout_.of(theta, r_) = now.r;
  }

  const Grouping& grouping() const { return design_.groupings.front(); }
  Eigen::Index p() const { return static_cast<Eigen::Index>(design_.size()); }
  Eigen::Index q() const { return covariance_.size(); }

  /// The effects as a q x J matrix: r_j is its column j.
  Eigen::Map<Matrix> by_column(Vector& r) const { return {r.data(), q(), groups_.size()}; }
  Eigen::Map<const Matrix> by_column(const Vector& r) const {
    return {r.data(), q(), groups_.size()};
  }

  void draw_effects(State& now, Rng& rng) const {
    fill_normal(now.r, rng);
    groups_.draw(now.lambda(), now.sigma, now.b, now.r);
  }

  /// The sum of all squared residuals.
  double squares(const State& now) const {
    return groups_.rest(now.b).squaredNorm() + groups_.residual(now.b, now.r).squaredNorm();
  }

  /// The sds with the ratios r_jk / sd_k held fixed.
  void interweave(State& now, Rng& rng) const {
    RowMatrix ratios = by_column(now.r).transpose();
    ratios.array().rowwise() /= now.covariance.sd.transpose().array();
    const GroupStatistics::Parabola f = groups_.parabola(now.b, ratios);
    covariance_.draw_sds(now.covariance, f.quadratic, f.linear, now.sigma * now.sigma, rng);
    by_column(now.r) = now.covariance.sd.asDiagonal() * ratios.transpose();
  }

  Vector mean(const State& now, const Rows& rows) const {
    Vector mean = rows.X * now.b;
    covariance_.add_to_mean(rows, by_column(now.r), mean);
    return mean;
  }

  /// log p(y, theta) less those of b and r.
  double log_density_of(const State& now, double squares) const {
    const double s = now.sigma;
    const double sum = moments_.log_weight -
                       moments_.rows * (0.5 * std::log(2 * std::numbers::pi) + std::log(s)) -
                       squares / (2 * s * s) + covariance_.log_density(now.covariance);
    return sigma_prior_ != nullptr ? sum + sigma_prior_->log_density(s) : sum;
  }

  void list_steps() {
    std::vector<std::size_t> spread = place_.correlations;
    spread.push_back(place_.sd);
    steps_ = {{b_and_effects, "b, r | sigma, Sigma", {b_, r_}}};
    plain_steps_ = {{b_given_effects, "b | r, sigma", {b_}},
                    {effects_given_b, "r | b, sigma, Sigma", {r_}}};
    for (auto* sweep : {&steps_, &plain_steps_}) {
      if (sigma_prior_ != nullptr) {
        sweep->push_back({sigma_given_rest, "sigma | b, r", {sigma_}});
      }
      sweep->push_back({covariance_given_effects, "Sigma | r", spread});
    }
    steps_.push_back({sds_given_ratios, "sd, r | r / sd", {place_.sd, r_}});
  }

  const Design& design_;
  const Moments& moments_;
  GroupStatistics groups_;
  Coefficients coefficients_;
  GroupCovariance covariance_;
  const ParameterPrior* sigma_prior_ = nullptr;  // none with known standard errors
  Layout layout_;
  std::optional<MarginalCovariance> marginal_;
  std::size_t b_;
  std::size_t sigma_ = 0;
  GroupCovariance::Place place_;
  std::size_t r_ = 0;
  std::vector<Step> steps_;
  std::vector<Step> plain_steps_;
};

}  // namespace

}  // namespace tarn::random_slope

TARN_PLUGIN("random_slope", "0.2.0") {
  plugin.model<tarn::random_slope::RandomSlope>(
      "random_slope", "y = X b + Z r_group + e: slopes by one factor, (1 + x | g)");
}
