// Linear regression where every group has its own residual variance (MODEL.md has the algebra):
//
//   y_ij = x_ij'b + z_ij'r_j + e_ij,   e_ij ~ N(0, sigma_j^2),   r_j ~ N(0, Sigma)
//
//   b_k      ~ any density but scaled_normal: there is no one sigma
//   sigma_j  : sigma_j^2 ~ inv_gamma(shape, scale), the two estimated; or any given density
//   Sigma    = diag(sd) C diag(sd): any density for each sd, lkj for C; or inv_wishart for Sigma
//
// Given the sigma_j it is a regression whose rows are weighted: base and solver. Here stand the
// variances' steps, and those of the sds. The rows enter through group_triangles alone.
#include <cmath>
#include <optional>

#include <tarn/distributions.hpp>
#include <tarn/plugin.hpp>

#include "regression/regression.hpp"
#include "single_effects.hpp"
#include "variance_population.hpp"
#include "weighted_groups.hpp"

namespace tarn::group_variance {

using regression::Regression;
using regression::State;

class GroupVariance final : public Regression {
 public:
  static constexpr bool any_family = false;
  static std::vector<Takes> takes() {
    return {Takes::weights, Takes::offset, Takes::gaps, Takes::group_centering};
  }

  /// Of the base all but what integrates effects out: sigma_j and r_j do not together.
  static std::vector<std::string_view> offers() {
    return {LogDensity::id,
            LogPrior::id,
            Gradient::id,
            FullConditionals::id,
            PointwiseLogLikelihood::id,
            GroupwiseLogLikelihood::id,
            Predictive::id,
            Expectation::id,
            LinearPredictor::id,
            ResponseDistribution::id,
            NewGroups::id,
            PriorDraws::id};
  }
  static std::vector<std::string_view> withholds(const Design& /*design*/,
                                                 const Priors& /*priors*/) {
    std::vector<std::string_view> rest = Regression::offers();
    for (const std::string_view capability : offers()) std::erase(rest, capability);
    return rest;
  }

  static std::optional<std::string> refuses(const Design& design) {
    if (design.known_errors) {
      return "it estimates the residual variance of every group, and with se(s) they are known; "
             "drop se(s), or the model";
    }
    if (!design.predictors.empty()) {
      return "each of its groups has a sigma of its own, which no further formula can predict; "
             "leave '" +
             design.predictors.front().parameter +
             " ~ ...' out, or write sigma ~ ... + (1 | g) with another model";
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
      : GroupVariance(input, std::make_shared<WeightedGroups>(input.design)) {}

  void start(VectorRef theta, Rng& rng) override {
    const VariancePopulation::State now =
        population_.start(typical_residual(), typical_sigma(), rng);
    groups_->weigh(now.sigma);
    Regression::start(theta, rng);
    write(theta, now);
  }

  // --- p(y, theta) -------------------------------------------------------------------------------

  double log_density(ConstVectorRef theta) override {
    weigh(theta);
    return Regression::log_density(theta) + log_density_of(variances(theta));
  }

  double log_prior(ConstVectorRef theta) override {
    return Regression::log_prior(theta) + population_.log_prior(variances(theta));
  }

  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override {
    weigh(theta);
    const double given_variances = Regression::log_density_gradient(theta, gradient);
    const VariancePopulation::State& now = variances(theta);
    const Vector& squares = groups_->squares_of_groups(state_);
    const auto inverse = now.sigma.array().inverse();
    VariancePopulation::State slope{
        0, 0, (squares.array() * inverse.square() - sizes().array()) * inverse};
    population_.add_gradient(now, slope);
    write(gradient, slope);
    return given_variances + log_density_of(now);
  }

  // --- Gibbs steps -------------------------------------------------------------------------------

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    switch (step_id) {
      case regression::means_together:
        return draw_means_and_sds(theta, rng);
      case variances_given_means:
      case sigma_given_means:
      case shape_and_scale_given_sigma:
        return draw_variances(step_id, theta, rng);
      default:
        weigh(theta);
        Regression::draw(step_id, theta, rng);
    }
  }

  // --- rows --------------------------------------------------------------------------------------

  void draw_group(std::size_t grouping, std::size_t level, VectorRef theta, Rng& rng) override {
    Regression::draw_group(grouping, level, theta, rng);
    layout_.of(theta, sigma())[as_index(level)] = population_.draw_one(variances(theta), rng);
  }

  void center_group(std::size_t grouping, std::size_t level, VectorRef theta) override {
    Regression::center_group(grouping, level, theta);
    layout_.of(theta, sigma())[as_index(level)] = population_.typical(variances(theta));
  }

  void draw_prior(VectorRef theta, Rng& rng) override {
    write(theta, population_.draw_prior(rng));
    Regression::draw_prior(theta, rng);
  }

 protected:
  Matrix parameters_of(ConstVectorRef theta, const Rows& rows) const override {
    const auto sigma = layout_.of(theta, this->sigma());
    Matrix psi(rows.y.size(), 1);
    for (Eigen::Index i = 0; i < psi.rows(); ++i) {
      psi(i, 0) = sigma[rows.level.front()[as_size(i)]];
    }
    return psi;
  }

  /// A group's residual variance is given, as is that of the others.
  Vector sigma_of_levels(ConstVectorRef theta) const override { return layout_.of(theta, sigma()); }

 private:
  enum : std::size_t {  // beside those of the base
    variances_given_means = 1000,
    sigma_given_means,
    shape_and_scale_given_sigma
  };

  GroupVariance(const ModelInput& input, const std::shared_ptr<WeightedGroups>& groups)
      : Regression(input, groups, VariancePopulation::blocks(input.design, input.priors)),
        groups_(groups),
        population_(design_, input.priors, groups_->groups().weight) {
    const Coefficients& b = terms_.coefficients();
    if (q() == 1 && b.gaussian() && groups_->groups().well_conditioned) {
      const Subject sd{Subject::Kind::group_sd, terms_.covariance(0).columns().front(),
                       design_.groupings.front().name};
      single_.emplace(groups_->groups(), b, input.priors.of(sd), typical_sigma());
    }
    list_steps();
  }

  Eigen::Index q() const { return terms_.q(0); }
  const Vector& sizes() const { return groups_->groups().weight; }  // n_j
  double count() const { return static_cast<double>(sizes().size()); }

  std::size_t sigma() const { return instead_[0]; }
  std::size_t shape() const { return instead_[1]; }  // only where estimated
  std::size_t scale() const { return instead_[2]; }

  /// Half of the variance that the covariates leave, the other half being the group effects', in
  /// equal parts.
  double typical_residual() const {
    return 0.7 * moments_->factor(terms_.p(), terms_.p()) / std::sqrt(moments_->rows);
  }

  /// Guesses of sigma: a group's own residuals count as many as they are, those of all as ten.
  Vector typical_sigma() {
    const Matrix& F = moments_->factor;
    const Eigen::Index p = terms_.p();
    const double residual = typical_residual();
    const Vector b = F.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(F.col(p).head(p));
    const Vector squares = groups_->squares_beyond_effects(b);
    return ((squares.array() + 10 * residual * residual) / (sizes().array() + 10)).sqrt();
  }

  /// What is returned lasts until the next call.
  VariancePopulation::State& variances(ConstVectorRef theta) {
    variances_.sigma = layout_.of(theta, sigma());
    if (population_.estimated()) {
      variances_.shape = layout_.of(theta, shape())[0];
      variances_.scale = layout_.of(theta, scale())[0];
    }
    return variances_;
  }

  using Regression::write;
  void write(VectorRef theta, const VariancePopulation::State& now) const {
    layout_.of(theta, sigma()) = now.sigma;
    if (!population_.estimated()) return;
    layout_.of(theta, shape())[0] = now.shape;
    layout_.of(theta, scale())[0] = now.scale;
  }

  void weigh(ConstVectorRef theta) { groups_->weigh(layout_.of(theta, sigma())); }

  /// log p(y, sigma, a, s | b, r) less what the weighted rows say.
  double log_density_of(const VariancePopulation::State& now) const {
    const Vector log_sigma = now.sigma.array().log();
    return population_.log_density(now, log_sigma.sum(),
                                   now.sigma.array().square().inverse().sum()) -
           sizes().dot(log_sigma);
  }

  /// MODEL.md (6), (2), (3); or (7), (2), (8), (3).
  void draw_means_and_sds(VectorRef theta, Rng& rng) {
    State& now = state_;
    read(theta, now);
    if (single_) {
      auto sigma = layout_.of(theta, this->sigma());
      double& sd = now.covariances[0].sd[0];
      single_->draw_means(sigma, now.b, sd, rng);
      if (const auto inverse_gamma = population_.shape_and_scale(variances(theta))) {
        single_->draw_sigma((*inverse_gamma)[0], (*inverse_gamma)[1], sd, sigma, rng);
      }
      single_->draw_effects(sigma, sd, now.r[0], rng);
    } else {
      weigh(theta);
      draw_sds(now, rng);
      terms_.coefficients().mix(now.b, rng);
      draw_means(now, rng);
    }
    write(now, theta);
  }

  /// The sds | b, sigma, C with the effects integrated out, one after the other, by slices. The
  /// effects must then be drawn anew.
  void draw_sds(State& now, Rng& rng) {
    Covariance& covariance = now.covariances[0];
    Vector& sd = covariance.sd;
    groups_->look_at(now.b);
    // Without a prior log sd has a standard deviation of about 1 / sqrt(2 J), or more.
    const double width = std::min(2.0, 3 / std::sqrt(2 * (count() + 1)));
    for (Eigen::Index k = 0; k < q(); ++k) {
      const auto log_density = [&](double x) {  // x = log sd_k; + x is the Jacobian
        sd[k] = std::exp(x);
        return terms_.covariance(0).log_density(covariance) + x +
               (q() == 1 ? groups_->at(sd[0]) : groups_->at(covariance.factor()));
      };
      sd[k] = std::exp(slice(std::log(sd[k]), width, log_density, rng));
    }
  }

  /// MODEL.md (4), (5).
  void draw_variances(std::size_t step_id, VectorRef theta, Rng& rng) {
    VariancePopulation::State& now = variances(theta);
    if (step_id == shape_and_scale_given_sigma) {
      population_.draw_shape_and_scale(now, rng);
    } else {
      read(theta, state_);
      const Vector& squares = groups_->squares_of_groups(state_);
      if (step_id == variances_given_means && population_.estimated()) {
        population_.draw_shape_and_scale(now, squares, rng);
      }
      population_.draw_sigma(now, squares, rng);
    }
    write(theta, now);
  }

  void list_steps() {
    const std::size_t b = terms_.b();
    const std::size_t r = terms_.r(0);
    const bool estimated = population_.estimated();
    const bool at_once = single_ && population_.conjugate();
    const bool correlated = terms_.of_covariance(0).size() > 1;
    const Step sigma_alone{sigma_given_means, "sigma | b, r", {sigma()}};
    const Step covariance{regression::covariance_given_effects, "Sigma | r",
                          terms_.of_covariance(0)};
    if (at_once) {
      steps_ = {{regression::means_together,
                 estimated ? "sd, b, sigma, r | shape, scale" : "sd, b, sigma, r",
                 {terms_.sd(0), b, sigma(), r}}};
    } else {
      std::vector<std::size_t> moved = terms_.of_sds(0);
      moved.insert(moved.end(), {b, r});
      steps_ = {{regression::means_together, "sd, b, r | sigma, cor", std::move(moved)}};
    }
    if (estimated) {
      steps_.push_back(
          {variances_given_means, "shape, scale, sigma | b, r", {shape(), scale(), sigma()}});
    } else if (!at_once) {
      steps_.push_back(sigma_alone);
    }
    if (correlated) steps_.push_back(covariance);
    plain_steps_ = {{regression::b_given_effects, "b | r, sigma", {b}},
                    {regression::effects_given_b, "r | b, sigma, Sigma", {r}},
                    sigma_alone,
                    covariance};
    if (!estimated) return;
    plain_steps_[2].name = "sigma | b, r, shape, scale";
    plain_steps_.push_back(
        {shape_and_scale_given_sigma, "shape, scale | sigma", {shape(), scale()}});
  }

  std::shared_ptr<WeightedGroups> groups_;  // the solver
  VariancePopulation population_;
  std::optional<SingleEffects> single_;  // where the groups are that simple
  VariancePopulation::State variances_;
};

}  // namespace tarn::group_variance

TARN_PLUGIN("group_variance", "0.5.0") {
  plugin.model<tarn::group_variance::GroupVariance>(
      "group_variance", "y = X b + Z r_group + e_group: each group its own residual variance");
}
