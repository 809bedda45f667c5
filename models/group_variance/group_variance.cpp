// Linear regression where every group has its own residual variance (MODEL.md has the algebra):
//
//   y_ij = x_ij'b + z_ij'r_j + e_ij,   e_ij ~ N(0, sigma_j^2),   r_j ~ N(0, Sigma)
//
//   b_k      ~ any density but scaled_normal: there is no one sigma
//   sigma_j  : sigma_j^2 ~ inv_gamma(shape, scale), the two estimated; or any given density
//   Sigma    = diag(sd) C diag(sd): any density for each sd, lkj for C; or inv_wishart for Sigma
//
// The rows enter through group_triangles alone.
#include <cmath>
#include <numbers>
#include <optional>

#include <tarn/normal_pieces.hpp>
#include <tarn/plugin.hpp>

#include "single_effects.hpp"
#include "variance_population.hpp"
#include "weighted_groups.hpp"

namespace tarn::group_variance {
namespace {

class GroupVariance final
    : public Offers<LogDensity, LogPrior, Gradient, FullConditionals, PointwiseLogLikelihood,
                    GroupwiseLogLikelihood, Predictive, Expectation, NewGroups, PriorDraws> {
 public:
  static std::vector<Takes> takes() {
    return {Takes::weights, Takes::offset, Takes::gaps, Takes::group_centering};
  }

  static std::optional<std::string> refuses(const Design& design) {
    if (design.known_errors) {
      return "it estimates the residual variance of every group, and with se(s) they are known; "
             "drop se(s), or the model";
    }
    if (design.terms.empty()) {
      return "the formula has no group term; it needs one, such as (1 | g), to name the groups";
    }
    if (design.groupings.size() > 1) {
      return "it takes group terms on one factor, the formula has " +
             std::to_string(design.groupings.size());
    }
    return std::nullopt;
  }

  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = coefficient_parameters(design);
    for (Parameter& b : all) b.scalable = false;
    for (Parameter& spread : VariancePopulation::parameters(design)) {
      all.push_back(std::move(spread));
    }
    for (Parameter& group : group_parameters(design)) all.push_back(std::move(group));
    return all;
  }

  explicit GroupVariance(const ModelInput& input)
      : design_(input.design),
        triangles_(design_.derived<GroupTriangles>()),
        groups_(triangles_),
        coefficients_(design_, input.priors),
        population_(design_, input.priors, triangles_.weight),
        covariance_(design_, input.priors, 0),
        b_(layout_.add(coefficient_block(design_))) {
    const std::string g = grouping().variable();
    const Axis levels{g, grouping().levels};
    sigma_ = layout_.add(
        {"sigma_" + g, {levels}, Support::positive, "residual standard deviation of each group"});
    if (population_.estimated()) {
      shape_ = layout_.add(
          {"shape_" + g, {}, Support::positive, "shape of the residual variances' inverse gamma"});
      scale_ = layout_.add({"scale_" + g, {}, Support::positive, "its scale"});
    }
    place_ = covariance_.add_to(layout_);
    r_ = layout_.add(covariance_.effects_block(grouping()));
    covariance_.check_proper(triangles_.size());
    if (q() == 1 && coefficients_.gaussian() && triangles_.well_conditioned) {
      const std::string sd = "sd(" + grouping().name + ", " + covariance_.columns().front() + ")";
      single_.emplace(triangles_, coefficients_, input.priors.of(sd), typical_sigma());
    }
    list_steps();
  }

  const Layout& layout() const noexcept override { return layout_; }

  void start(VectorRef theta, Rng& rng) override {
    const double residual = typical_residual();
    const VariancePopulation::State spread = population_.start(residual, typical_sigma(), rng);
    const Covariance covariance = covariance_.start(residual, q(), rng);
    Vector b(p());
    Vector r(layout_.block(r_).size());
    groups_.weigh(spread.sigma);
    const Matrix L = covariance.factor();
    coefficients_.start(groups_.marginal(L), 1, b, rng);
    fill_normal_by_pieces(r, q(), rng);
    groups_.draw(L, b, r);
    write(theta, b);
    write(theta, spread);
    covariance_.write(covariance, layout_, place_, theta);
    write_effects(theta, r);
  }

  void derive(VectorRef theta) override {
    if (!covariance_.centred()) return;
    covariance_.write(covariance_.read(layout_, place_, theta), layout_, place_, theta);
  }

  // --- p(y, theta) -------------------------------------------------------------------------------

  double log_density(ConstVectorRef theta) override {
    const Vector& b = coefficients(theta);
    const Vector& r = effects(theta);
    const Covariance covariance = covariance_.read(layout_, place_, theta);
    return log_density_of(spread(theta), groups_.squares(b, r)) + coefficients_.log_density(b, 1) +
           covariance_.log_density(covariance) +
           covariance_.effects_log_density(covariance, by_column(r));
  }

  double log_prior(ConstVectorRef theta) override {
    return coefficients_.log_density(coefficients(theta), 1) +
           covariance_.log_density(covariance_.read(layout_, place_, theta)) +
           population_.log_prior(spread(theta));
  }

  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override {
    const Vector& b = coefficients(theta);
    const Vector& r = effects(theta);
    const VariancePopulation::State& now = spread(theta);
    const Vector& squares = groups_.squares(b, r);
    const RowMatrix& e = groups_.residual(b, r);
    const RowMatrix& rest = groups_.rest(b);
    groups_.weigh(now.sigma);

    auto db = layout_.of(gradient, b_);
    db = groups_.score_of_b(e, rest);
    double none = 0;  // no prior scales with a sigma
    const double of_b = coefficients_.log_density_gradient(b, 1, db, none);
    design_.gradient_to_user(db);

    const auto inverse = now.sigma.array().inverse();
    VariancePopulation::State slope{
        0, 0, (squares.array() * inverse.square() - triangles_.weight.array()) * inverse};
    population_.add_gradient(now, slope);
    write(gradient, slope);

    const Covariance covariance = covariance_.read(layout_, place_, theta);
    Matrix dr = groups_.score_of_r(e).reshaped(q(), triangles_.size());
    Covariance change{Vector::Zero(q()), Matrix::Zero(q(), q())};
    covariance_.add_gradient(covariance, change.sd, change.correlation);
    const double of_r = covariance_.add_effects_gradient(covariance, by_column(r), dr, change);
    covariance_.gradient_to_user(dr);
    layout_.of(gradient, r_) = dr.reshaped();
    covariance_.write_gradient(change, layout_, place_, gradient);
    return log_density_of(now, squares) + of_b + covariance_.log_density(covariance) + of_r;
  }

  // --- Gibbs steps -------------------------------------------------------------------------------

  std::span<const Step> steps() const noexcept override { return steps_; }
  std::span<const Step> plain_steps() const noexcept override { return plain_steps_; }

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    switch (step_id) {
      case means_and_sds:
      case b_given_effects:
      case effects_given_b:
        draw_means(step_id, theta, rng);
        break;
      case variances_given_means:
      case sigma_given_rest:
      case shape_and_scale_given_sigma:
        draw_variances(step_id, theta, rng);
        break;
      case covariance_given_effects: {
        Covariance covariance = covariance_.read(layout_, place_, theta);
        const auto r = by_column(effects(theta));
        covariance_.draw(covariance, r * r.transpose(), count(), rng);
        covariance_.write(covariance, layout_, place_, theta);
        break;
      }
      default:
        break;
    }
  }

  // --- rows --------------------------------------------------------------------------------------

  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
    const Vector at = mean(theta, rows);
    const auto sigma = layout_.of(theta, sigma_);
    for (Eigen::Index i = 0; i < by_row.size(); ++i) {
      by_row[i] = rows.frequency[i] * normal_log_density(rows.y[i], at[i], sigma[group(rows, i)]);
    }
  }

  /// A group's residual variance is given, as is that of the others.
  void log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows, std::size_t grouping,
                                VectorRef by_level) override {
    const Covariance covariance = covariance_.read(layout_, place_, theta);
    normal_log_likelihood_of_levels(design_, rows, mean(theta, rows), layout_.of(theta, sigma_),
                                    {grouping, covariance.factor(), by_column(effects(theta))},
                                    by_level);
  }

  void predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) override {
    const Vector at = mean(theta, rows);
    const auto sigma = layout_.of(theta, sigma_);
    for (Eigen::Index i = 0; i < y.size(); ++i) {
      y[i] = at[i] + sigma[group(rows, i)] * rng.normal();
    }
  }

  void expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) override {
    mean = this->mean(theta, rows);
  }

  void draw_group(std::size_t /*grouping*/, std::size_t level, VectorRef theta, Rng& rng) override {
    covariance_.draw_effects(covariance_.read(layout_, place_, theta), level, layout_.of(theta, r_),
                             rng);
    layout_.of(theta, sigma_)[static_cast<Eigen::Index>(level)] =
        population_.draw_one(spread(theta), rng);
  }

  void center_group(std::size_t /*grouping*/, std::size_t level, VectorRef theta) override {
    covariance_.center_effects(level, layout_.of(theta, r_));
    layout_.of(theta, sigma_)[static_cast<Eigen::Index>(level)] =
        population_.typical(spread(theta));
  }

  void draw_prior(VectorRef theta, Rng& rng) override {
    write(theta, population_.draw_prior(rng));
    const Covariance covariance = covariance_.draw_prior(rng);
    Vector b(p());
    coefficients_.draw_prior(b, 1, rng);
    auto r = layout_.of(theta, r_);
    fill_normal_by_pieces(r, q(), rng);
    covariance_.spread(covariance, r.reshaped(q(), triangles_.size()));
    covariance_.to_user(r.reshaped(q(), triangles_.size()));
    write(theta, b);
    covariance_.write(covariance, layout_, place_, theta);
  }

 private:
  enum : std::size_t {
    means_and_sds,
    b_given_effects,
    effects_given_b,
    variances_given_means,
    sigma_given_rest,
    shape_and_scale_given_sigma,
    covariance_given_effects
  };

  const Grouping& grouping() const { return design_.groupings.front(); }
  Eigen::Index p() const { return static_cast<Eigen::Index>(design_.size()); }
  Eigen::Index q() const { return covariance_.size(); }
  double count() const { return static_cast<double>(triangles_.size()); }

  /// Half of the variance that the covariates leave, the other half being the group effects', in
  /// equal parts.
  double typical_residual() const {
    const Moments& moments = design_.moments();
    return 0.7 * moments.factor(p(), p()) / std::sqrt(moments.rows);
  }

  /// Guesses of sigma: a group's own residuals count as many as they are, those of all as ten.
  Vector typical_sigma() {
    const Matrix& F = design_.moments().factor;
    const double residual = typical_residual();
    const Vector b =
        F.topLeftCorner(p(), p()).triangularView<Eigen::Upper>().solve(F.col(p()).head(p()));
    const Vector squares = groups_.rest(b).cwiseAbs2().colwise().sum().transpose();
    return ((squares.array() + 10 * residual * residual) / (triangles_.weight.array() + 10)).sqrt();
  }

  /// b in working coordinates. It and spread() last until the next call.
  Vector& coefficients(ConstVectorRef theta) {
    b_now_ = layout_.of(theta, b_);
    design_.to_working(b_now_);
    return b_now_;
  }

  void write(VectorRef theta, const Vector& b) const {
    auto to = layout_.of(theta, b_);
    to = b;
    design_.to_user(to);
  }

  /// r in working coordinates, until the next call.
  Vector& effects(ConstVectorRef theta) {
    r_now_ = layout_.of(theta, r_);
    covariance_.to_working(r_now_.reshaped(q(), triangles_.size()));
    return r_now_;
  }

  void write_effects(VectorRef theta, const Vector& r) const {
    auto to = layout_.of(theta, r_);
    to = r;
    covariance_.to_user(to.reshaped(q(), triangles_.size()));
  }

  VariancePopulation::State& spread(ConstVectorRef theta) {
    spread_now_.sigma = layout_.of(theta, sigma_);
    if (population_.estimated()) {
      spread_now_.shape = layout_.of(theta, shape_)[0];
      spread_now_.scale = layout_.of(theta, scale_)[0];
    }
    return spread_now_;
  }

  void write(VectorRef theta, const VariancePopulation::State& now) const {
    layout_.of(theta, sigma_) = now.sigma;
    if (!population_.estimated()) return;
    layout_.of(theta, shape_)[0] = now.shape;
    layout_.of(theta, scale_)[0] = now.scale;
  }

  /// The effects as a q x J matrix: r_j is its column j.
  Eigen::Map<const Matrix> by_column(ConstVectorRef r) const {
    return {r.data(), q(), triangles_.size()};
  }

  /// MODEL.md (2), (3): b with the effects integrated out or given, and the effects.
  void draw_means(std::size_t step_id, VectorRef theta, Rng& rng) {
    Vector& b = coefficients(theta);
    Vector& r = effects(theta);
    if (step_id == means_and_sds && single_) {
      auto sigma = layout_.of(theta, sigma_);
      double& sd = layout_.of(theta, place_.sd)[0];
      single_->draw_means(sigma, b, sd, rng);
      if (const auto inverse_gamma = population_.shape_and_scale(spread(theta))) {
        single_->draw_sigma((*inverse_gamma)[0], (*inverse_gamma)[1], sd, sigma, rng);
      }
      single_->draw_effects(sigma, sd, r, rng);
      write_effects(theta, r);
      return write(theta, b);
    }
    groups_.weigh(layout_.of(theta, sigma_));
    if (step_id == means_and_sds) draw_sds(theta, rng);
    const Matrix L = covariance_.read(layout_, place_, theta).factor();
    if (step_id != effects_given_b) {
      coefficients_.mix(b, rng);
      const Matrix F = step_id == means_and_sds ? groups_.marginal(L) : groups_.given(r);
      coefficients_.draw(F, 1, b, rng);
      write(theta, b);
    }
    if (step_id != b_given_effects) {
      fill_normal_by_pieces(r, q(), rng);
      groups_.draw(L, b, r);
      write_effects(theta, r);
    }
  }

  /// MODEL.md (4), (5).
  void draw_variances(std::size_t step_id, VectorRef theta, Rng& rng) {
    VariancePopulation::State& now = spread(theta);
    if (step_id == shape_and_scale_given_sigma) {
      population_.draw_shape_and_scale(now, rng);
    } else {
      const Vector& squares = groups_.squares(coefficients(theta), effects(theta));
      if (step_id == variances_given_means && population_.estimated()) {
        population_.draw_shape_and_scale(now, squares, rng);
      }
      population_.draw_sigma(now, squares, rng);
    }
    write(theta, now);
  }

  /// The sds | b, sigma, C with the effects integrated out, one after the other, by slices. The
  /// effects must then be drawn anew; b is that of coefficients().
  void draw_sds(VectorRef theta, Rng& rng) {
    Covariance covariance = covariance_.read(layout_, place_, theta);
    Vector& sd = covariance.sd;
    groups_.look_at(b_now_);
    // Without a prior log sd has a standard deviation of about 1 / sqrt(2 J), or more.
    const double width = std::min(2.0, 3 / std::sqrt(2 * (count() + 1)));
    for (Eigen::Index k = 0; k < q(); ++k) {
      const auto log_density = [&](double x) {  // x = log sd_k; + x is the Jacobian
        sd[k] = std::exp(x);
        return covariance_.log_density(covariance) + x +
               (q() == 1 ? groups_.at(sd[0]) : groups_.at(covariance.factor()));
      };
      sd[k] = std::exp(slice(std::log(sd[k]), width, log_density, rng));
    }
    covariance_.write(covariance, layout_, place_, theta);
  }

  static Eigen::Index group(const Rows& rows, Eigen::Index i) {
    return rows.level.front()[static_cast<std::size_t>(i)];
  }

  Vector mean(ConstVectorRef theta, const Rows& rows) {
    Vector mean = rows.X * coefficients(theta);
    if (rows.offset.size() > 0) mean += rows.offset;
    covariance_.add_to_mean(rows, by_column(effects(theta)), mean);
    return mean;
  }

  /// log p(y, theta) less those of b, r and Sigma.
  double log_density_of(const VariancePopulation::State& now, const Vector& squares) const {
    const Vector& n = triangles_.weight;
    const Vector log_sigma = now.sigma.array().log();
    const Vector precision = now.sigma.array().square().inverse();
    return -0.5 * std::log(2 * std::numbers::pi) * n.sum() - n.dot(log_sigma) -
           0.5 * squares.dot(precision) +
           population_.log_density(now, log_sigma.sum(), precision.sum());
  }

  void list_steps() {
    const std::vector<std::size_t> sds = place_.blocks();
    std::vector<std::size_t> together_moved{place_.sd, b_, r_};
    if (covariance_.centred()) together_moved.insert(together_moved.end(), sds.begin(), sds.end());
    const Step sigma_alone{sigma_given_rest, "sigma | b, r", {sigma_}};
    const Step sigma{sigma_given_rest, "sigma | b, r, shape, scale", {sigma_}};
    const Step shape{shape_and_scale_given_sigma, "shape, scale | sigma", {shape_, scale_}};
    const Step together{
        variances_given_means, "shape, scale, sigma | b, r", {shape_, scale_, sigma_}};
    const Step covariance{covariance_given_effects, "Sigma | r", sds};

    const bool estimated = population_.estimated();
    const bool at_once = single_ && population_.conjugate();
    if (at_once) {
      steps_ = {{means_and_sds,
                 estimated ? "sd, b, sigma, r | shape, scale" : "sd, b, sigma, r",
                 {place_.sd, b_, sigma_, r_}}};
    } else {
      steps_ = {{means_and_sds, "sd, b, r | sigma, cor", together_moved}};
    }
    if (estimated) {
      steps_.push_back(together);
    } else if (!at_once) {
      steps_.push_back(sigma_alone);
    }
    if (!place_.correlations.empty()) steps_.push_back(covariance);
    plain_steps_ = {{b_given_effects, "b | r, sigma", {b_}},
                    {effects_given_b, "r | b, sigma, Sigma", {r_}},
                    estimated ? sigma : sigma_alone,
                    covariance};
    if (estimated) plain_steps_.push_back(shape);
  }

  const Design& design_;
  const GroupTriangles& triangles_;
  WeightedGroups groups_;
  Coefficients coefficients_;
  VariancePopulation population_;
  GroupCovariance covariance_;
  std::optional<SingleEffects> single_;  // where the groups are that simple
  Layout layout_;
  std::size_t b_;
  std::size_t sigma_ = 0;
  std::size_t shape_ = 0;  // only where estimated
  std::size_t scale_ = 0;
  GroupCovariance::Place place_;
  std::size_t r_ = 0;
  std::vector<Step> steps_;
  std::vector<Step> plain_steps_;
  Vector b_now_;
  Vector r_now_;
  VariancePopulation::State spread_now_;
};

}  // namespace

}  // namespace tarn::group_variance

TARN_PLUGIN("group_variance", "0.3.0") {
  plugin.model<tarn::group_variance::GroupVariance>(
      "group_variance", "y = X b + Z r_group + e_group: each group its own residual variance");
}
