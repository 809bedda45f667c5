// What all regressions share: a family's rows about a linear predictor of coefficients and effects.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regression/parameter_predictors.hpp"
#include "regression/solver.hpp"
#include "regression/terms.hpp"
#include "tarn/family.hpp"
#include "tarn/model.hpp"
#include "tarn/plugin.hpp"

namespace tarn::regression {

/// Steps of the sweeps. Those of a factor f: the step + f * kinds.
enum Kind : std::size_t {
  means_together,  // b and all effects
  b_given_effects,
  effects_given_b,
  sigma_given_rest,
  covariance_given_effects,
  sds_given_ratios,
  kinds
};

/// A draw: the family's parameters psi (sigma), and what predictors are made of: that of the mean,
/// and those of parameters, which are then not in psi.
struct State : Values {
  Vector psi;
  PredictorValues predictors;

  /// The residual standard deviation; 1 where rows have their own, which are in the weights.
  double sigma() const { return psi.size() > 0 ? psi[0] : 1; }
};

/// The family's parameters that have no predictor: their priors, and where they are in a draw.
class FamilyParameters {
 public:
  FamilyParameters() = default;  // none
  FamilyParameters(const Design& design, const Priors& priors);

  /// Blocks of a draw. Cuts that move with the covariates' centring stand there twice: as users see
  /// them, and at the covariates' means, where their prior is. Or the latter alone.
  void add_to(Layout& layout);
  void add_working_to(Layout& layout);

  Eigen::Index size() const noexcept { return static_cast<Eigen::Index>(priors_.size()); }
  std::size_t block() const { return parts_.front().place; }
  const ParameterPrior& prior(Eigen::Index k) const {
    return *priors_[static_cast<std::size_t>(k)];
  }

  void read(const Layout& layout, ConstVectorRef theta, Vector& psi) const;
  void write(const Vector& psi, const Layout& layout, VectorRef theta) const;
  void write_gradient(const Vector& slope, const Layout& layout, VectorRef gradient) const;

  /// What users see of what moves: `b` is the block of the coefficients.
  void derive(std::size_t b, const Layout& layout, VectorRef theta) const;

  double log_prior(const Vector& psi) const;
  void add_scores(const Vector& psi, Vector& slope) const;
  void draw_prior(Vector& psi, Rng& rng) const;
  void start(double guess, Vector& psi, Rng& rng) const;

 private:
  struct Part {
    Block block;
    Eigen::Index first;  // in psi
    Vector start;
    const ParameterPrior* prior;
    bool moves = false;                    // with the covariates' centring
    std::size_t place = 0;                 // in the layout
    std::optional<std::size_t> user = {};  // there, of what moves

    bool ordered() const noexcept { return block.support == Support::ordered; }
    auto of(Vector& psi) const { return psi.segment(first, count()); }
    auto of(const Vector& psi) const { return psi.segment(first, count()); }
    Eigen::Index count() const { return static_cast<Eigen::Index>(block.size()); }
  };

  void check_proper(const Part& part) const;
  void start_ordered(const Part& part, double guess, Eigen::Ref<Vector> own, Rng& rng) const;

  const Design* design_ = nullptr;
  std::vector<Part> parts_;
  std::vector<const ParameterPrior*> priors_;  // of every element
};

class FamilyMarginal;
class FamilyRows;
class Hyperparameters;
struct Anchor;
struct PivotParts;

/// The base of pooled, random_intercept, random_slope, crossed and group_variance. With the
/// Gaussian family the rows enter through a solver; with any other row by row, and what is
/// integrated out is up to a FamilyMarginal.
class Regression
    : public Offers<LogDensity, LogPrior, Gradient, FullConditionals, Collapsed, CollapsedGradient,
                    NumericalMarginal, Pivot, PointwiseLogLikelihood, GroupwiseLogLikelihood,
                    MarginalRowLogLikelihood, MarginalRowDistribution, Predictive, Expectation,
                    LinearPredictor, ResponseDistribution, NewGroups, PriorDraws> {
 public:
  static constexpr bool any_family = true;
  static std::vector<Takes> takes();
  static std::vector<Parameter> parameters(const Design& design);

  /// What is integrated out must be Gaussian: rows and priors of b.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors);

  ~Regression() override;

  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, Rng& rng) override;
  void derive(VectorRef theta) override;

  double log_density(ConstVectorRef theta) override;
  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override;
  double log_prior(ConstVectorRef theta) override;

  std::span<const Step> steps() const noexcept override { return steps_; }
  std::span<const Step> plain_steps() const noexcept override { return plain_steps_; }
  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override;

  const Layout& marginal_layout() const noexcept override;
  void to_marginal(ConstVectorRef theta, VectorRef phi) const override;
  double log_marginal(ConstVectorRef phi) override;
  double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) override;
  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override;

  std::size_t nodes() const noexcept override;
  void set_nodes(std::size_t nodes) override;
  double quadrature_error(ConstVectorRef phi) override;

  const Layout& hyperparameter_layout() const noexcept override;
  void to_hyperparameters(ConstVectorRef theta, VectorRef phi) const override;
  std::size_t latents() const noexcept override;
  void anchor(ConstVectorRef phi) override;
  std::unique_ptr<PivotPlace> make_place() override;

  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override;
  void log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows, std::size_t grouping,
                                VectorRef by_level) override;
  void log_likelihood_given_level(ConstVectorRef theta, const Rows& rows, std::size_t grouping,
                                  VectorRef by_row) override;
  void distribution_given_level(ConstVectorRef theta, const Rows& rows, std::size_t grouping,
                                VectorRef below, VectorRef up_to) override;
  void predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) override;
  void expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) override;
  void predict_linear(ConstVectorRef theta, const Rows& rows, VectorRef eta) override;
  void predict_linear_of_new(ConstVectorRef theta, const Rows& rows,
                             std::span<const std::size_t> groupings, VectorRef mean,
                             VectorRef variance) override;
  void mean_at(ConstVectorRef theta, const Rows& rows, ConstVectorRef eta, VectorRef mean) override;
  void variance_at(ConstVectorRef theta, const Rows& rows, ConstVectorRef eta,
                   VectorRef variance) override;
  void distribution(ConstVectorRef theta, const Rows& rows, VectorRef below,
                    VectorRef up_to) override;
  void draw_group(std::size_t grouping, std::size_t level, VectorRef theta, Rng& rng) override;
  void center_group(std::size_t grouping, std::size_t level, VectorRef theta) override;
  void draw_prior(VectorRef theta, Rng& rng) override;

 protected:
  /// `solver`: none where the family is not Gaussian. `instead`: blocks that the model has in the
  /// place of the family's parameters; their values are then in the solver's weights.
  Regression(const ModelInput& input, std::shared_ptr<Solver> solver,
             const std::vector<Block>& instead = {});

  /// The family's parameters of some rows, row by row or one row for all; and the residual standard
  /// deviation of each level, or one for all.
  virtual Matrix parameters_of(ConstVectorRef theta, const Rows& rows) const;
  virtual Vector sigma_of_levels(ConstVectorRef theta) const;

  void read(ConstVectorRef theta, State& now) const;
  void write(const State& now, VectorRef theta) const;

  /// sigma, Sigma_f and lambda_f = chol(Sigma_f) / sigma of phi or of a draw, to state_ and
  /// lambda_.
  void set_scales(ConstVectorRef phi);
  const std::vector<Matrix>& lambda(const State& now);

  /// b and all effects | sigma, Sigma, into `now`.
  void draw_means(State& now, Rng& rng);
  void draw_sigma(State& now, Rng& rng);
  void draw_covariance(State& now, std::size_t f, Rng& rng) const;

  /// Sigma_f's sds with the ratios r / sd held fixed (Yu & Meng 2011).
  void interweave(State& now, std::size_t f, Rng& rng);

  /// -n (log(2 pi) / 2 + log sigma) and the constants of weights.
  double log_scale(double sigma) const;

  const Design& design_;
  const Family& family_;
  Terms terms_;
  FamilyParameters psi_;
  ParameterPredictors predictors_;
  std::vector<std::size_t> instead_;  // numbers of those blocks
  std::shared_ptr<Solver> solver_;
  std::unique_ptr<FamilyRows> family_rows_;           // where there is none
  std::unique_ptr<FamilyMarginal> family_marginal_;   // the same, where one exists
  std::unique_ptr<Hyperparameters> hyperparameters_;  // where there is no solver
  std::unique_ptr<Anchor> anchor_;                    // of the same
  const Moments* moments_ = nullptr;                  // where there is a solver
  Layout layout_;
  Layout marginal_;
  std::vector<Step> steps_;
  std::vector<Step> plain_steps_;
  State state_;  // what the last call was about: made once, for small models would wait for memory

 private:
  PivotParts parts() const;

  /// Predictors but for the single effects that levels of the grouping have.
  Vector without_effects(const Rows& rows, std::size_t grouping) const;
  void list_steps();
  void lay_out_marginal();
  double log_likelihood_of(const State& now);
  double log_likelihood_gradient(const State& now, State& slope);

  State slope_;
  std::vector<Matrix> lambda_;
  std::vector<GroupCovariance::Place> marginal_places_;
  Vector none_;  // coefficients, where their values do not matter
};

/// Whether solvers are exact for the design's family.
bool is_gaussian(const Design& design);

/// A solver of this kind for the design's rows, or none where solvers are not exact. The model
/// keeps the pointer, and so its type.
template <class S>
std::shared_ptr<S> solver_of(const Design& design) {
  return is_gaussian(design) ? std::make_shared<S>(design) : nullptr;
}

}  // namespace tarn::regression
