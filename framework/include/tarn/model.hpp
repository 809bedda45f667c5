// The role of a model: the layout of a draw, a start, and the capabilities that samplers ask for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/design.hpp"
#include "tarn/layout.hpp"
#include "tarn/prior.hpp"
#include "tarn/rng.hpp"
#include "tarn/settings.hpp"

namespace tarn {

/// What a model is made from. The references outlive the model.
struct ModelInput {
  const Design& design;
  const Priors& priors;
  const Settings& settings;
};

/// One object serves one chain and is never called by two threads at once, so it may keep scratch
/// space and caches. All vectors are on the natural scale.
class Model {
 public:
  virtual ~Model();

  virtual const Layout& layout() const noexcept = 0;

  /// Writes a point of finite density, dispersed so that chains can disagree.
  virtual void start(VectorRef theta, Rng& rng) = 0;

  /// Writes the blocks that the layout marks as derived, from the others. Samplers that move
  /// elements of theta themselves call it; whatever else fills a theta leaves it whole.
  virtual void derive(VectorRef theta);

  /// The capability with this id, or nullptr. Use `tarn::query<Capability>(model)`.
  virtual void* query(std::string_view capability) noexcept = 0;
};

// Capabilities: each is one question, carries its version in its id, and is never edited; a new
// need is a new capability.

/// log p(y, theta) up to a constant that does not depend on theta. -inf or NaN: a rejected move.
struct LogDensity {
  static constexpr std::string_view id = "log_density/1";
  virtual double log_density(ConstVectorRef theta) = 0;

 protected:
  ~LogDensity() = default;
};

/// Log density of the parameters that have priors of their own, up to a constant. Effects given
/// their standard deviations are part of the model, neither of the prior nor of the likelihood (as
/// in brms' lprior).
struct LogPrior {
  static constexpr std::string_view id = "log_prior/1";
  virtual double log_prior(ConstVectorRef theta) = 0;

 protected:
  ~LogPrior() = default;
};

/// Value and gradient of the log density with respect to theta. Where elements of a block depend on
/// each other (a correlation matrix is symmetric), the gradient is any array whose inner product
/// with a permitted change of the block is the change of the log density.
struct Gradient {
  static constexpr std::string_view id = "gradient/1";
  virtual double log_density_gradient(ConstVectorRef theta, VectorRef gradient) = 0;

 protected:
  ~Gradient() = default;
};

/// Gibbs steps. Each leaves p(theta | y) invariant and changes only its own blocks.
struct FullConditionals {
  static constexpr std::string_view id = "full_conditionals/1";
  struct Step {
    std::size_t id;
    std::string_view name;            // for people: "b | sigma"
    std::vector<std::size_t> blocks;  // that it changes
  };

  /// The sweep that the model recommends.
  virtual std::span<const Step> steps() const noexcept = 0;

  /// One block at a time, as in a textbook; the same sweep unless the model knows a better one.
  virtual std::span<const Step> plain_steps() const noexcept { return steps(); }

  virtual void draw(std::size_t step_id, VectorRef theta, Rng& rng) = 0;

 protected:
  ~FullConditionals() = default;
};

/// The model with most of theta integrated out. The marginal parameters phi may be blocks of theta
/// or functions of them (a ratio of variances), and may be none at all: then sample_conditional()
/// draws independently.
struct Collapsed {
  static constexpr std::string_view id = "collapsed/1";

  /// The marginal parameters: names and supports.
  virtual const Layout& marginal_layout() const noexcept = 0;

  /// Their values in a draw.
  virtual void to_marginal(ConstVectorRef theta, VectorRef phi) const = 0;

  /// log p(y, phi) up to a constant, the rest of theta integrated out.
  virtual double log_marginal(ConstVectorRef phi) = 0;

  /// Draws theta from p(theta | y, phi), exactly.
  virtual void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) = 0;

 protected:
  ~Collapsed() = default;
};

/// Value and gradient of the log density of the marginal parameters, with respect to their natural
/// values.
struct CollapsedGradient {
  static constexpr std::string_view id = "collapsed_gradient/1";
  virtual double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) = 0;

 protected:
  ~CollapsedGradient() = default;
};

/// Collapsed, where log_marginal() has no closed form: every evaluation reads all rows, so that few
/// are better, and what is integrated out is so by a number of quadrature nodes.
struct NumericalMarginal {
  static constexpr std::string_view id = "numerical_marginal/1";

  /// For each integral; 0: there are none, and nothing is approximate.
  virtual std::size_t nodes() const noexcept = 0;
  virtual void set_nodes(std::size_t nodes) = 0;

  /// By how much more nodes (2 K + 9 in the place of K) would change log_marginal(), at most: the
  /// sum of the absolute changes of all integrals.
  virtual double quadrature_error(ConstVectorRef phi) = 0;

 protected:
  ~NumericalMarginal() = default;
};

/// Latent variables x (coefficients, effects) in coordinates in which they are nearly standard
/// normal: x = m(phi) + L(phi)^-T xi, where N(m, (L L')^-1) is a normal approximation of
/// p(x | y, phi) that depends on the hyperparameters phi alone.
class PivotPlace {
 public:
  virtual ~PivotPlace();

  /// Where the place is from now on. False: there is no approximation, and nothing else may be
  /// asked.
  virtual bool set(ConstVectorRef phi) = 0;

  /// log p(y, phi, xi) up to a constant: exact, whatever the approximation. At xi = 0 it is
  /// Laplace's approximation of log p(y, phi).
  virtual double log_density(ConstVectorRef xi) = 0;
  virtual double log_density_gradient(ConstVectorRef xi, VectorRef gradient) = 0;
  virtual void gradient(ConstVectorRef xi, VectorRef gradient) = 0;  // alone

  virtual void to_standard(ConstVectorRef theta, VectorRef xi) = 0;

  /// All of theta at this phi.
  virtual void from_standard(ConstVectorRef xi, VectorRef theta) = 0;
};

/// A latent Gaussian model with few hyperparameters.
struct Pivot {
  static constexpr std::string_view id = "pivot/1";

  virtual const Layout& hyperparameter_layout() const noexcept = 0;
  virtual void to_hyperparameters(ConstVectorRef theta, VectorRef phi) const = 0;
  virtual std::size_t latents() const noexcept = 0;

  /// Where searches for modes begin: near the phi that matter. Part of what places are made of.
  virtual void anchor(ConstVectorRef phi) = 0;

  /// The model must outlive it.
  virtual std::unique_ptr<PivotPlace> make_place() = 0;

 protected:
  ~Pivot() = default;
};

/// Log likelihood of single rows.
struct PointwiseLogLikelihood {
  static constexpr std::string_view id = "pointwise_log_likelihood/1";
  virtual void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) = 0;

 protected:
  ~PointwiseLogLikelihood() = default;
};

/// Log likelihood of whole groups, for leaving one out: log p(y_j | theta but the effects that
/// level j of a grouping has), these integrated out. The effects of other groupings are given.
struct GroupwiseLogLikelihood {
  static constexpr std::string_view id = "groupwise_log_likelihood/1";

  /// `rows`: all rows of some levels of the grouping, those of a level side by side. `by_level`: in
  /// the order in which the levels come.
  virtual void log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows,
                                        std::size_t grouping, VectorRef by_level) = 0;

 protected:
  ~GroupwiseLogLikelihood() = default;
};

/// The density of single rows given the other rows of their level, for leaving rows out:
/// log p(y_i | y of the level but i, theta but the effects that the level has), these integrated
/// out. Where draws of theta would have to tell it of the row's effect, it does not vary with that.
struct MarginalRowLogLikelihood {
  static constexpr std::string_view id = "marginal_row_log_likelihood/1";

  /// `rows`: all rows of some levels of the grouping, those of a level side by side.
  virtual void log_likelihood_given_level(ConstVectorRef theta, const Rows& rows,
                                          std::size_t grouping, VectorRef by_row) = 0;

 protected:
  ~MarginalRowLogLikelihood() = default;
};

/// Of the same distribution P(y < y_i) and P(y <= y_i), which differ where y_i has a probability of
/// its own.
struct MarginalRowDistribution {
  static constexpr std::string_view id = "marginal_row_distribution/1";
  virtual void distribution_given_level(ConstVectorRef theta, const Rows& rows,
                                        std::size_t grouping, VectorRef below, VectorRef up_to) = 0;

 protected:
  ~MarginalRowDistribution() = default;
};

/// Draws of the response given theta, in the place of `rows.y`.
struct Predictive {
  static constexpr std::string_view id = "predictive/1";
  virtual void predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) = 0;

 protected:
  ~Predictive() = default;
};

/// E[y | theta] of single rows, on the scale of `rows.y`. A row's offset is part of it, as it is of
/// what predict() draws.
struct Expectation {
  static constexpr std::string_view id = "expectation/1";
  virtual void expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) = 0;

 protected:
  ~Expectation() = default;
};

/// The linear predictor of single rows, on the scale of the link, and what the response is given
/// it.
struct LinearPredictor {
  static constexpr std::string_view id = "linear_predictor/1";

  /// eta, the offset included.
  virtual void predict_linear(ConstVectorRef theta, const Rows& rows, VectorRef eta) = 0;

  /// Its distribution where the rows are of new levels of some groupings, with the effects of the
  /// others: normal with this mean, and the variance sum_k z_k' Sigma_k z_k over those groupings.
  virtual void predict_linear_of_new(ConstVectorRef theta, const Rows& rows,
                                     std::span<const std::size_t> groupings, VectorRef mean,
                                     VectorRef variance) = 0;

  /// E[y | eta, theta] and Var[y | eta, theta], which may be infinite.
  virtual void mean_at(ConstVectorRef theta, const Rows& rows, ConstVectorRef eta,
                       VectorRef mean) = 0;
  virtual void variance_at(ConstVectorRef theta, const Rows& rows, ConstVectorRef eta,
                           VectorRef variance) = 0;

 protected:
  ~LinearPredictor() = default;
};

/// Where the response of single rows lies in its distribution: P(y < y_i | theta) and
/// P(y <= y_i | theta), which differ where y_i has a probability of its own.
struct ResponseDistribution {
  static constexpr std::string_view id = "response_distribution/1";
  virtual void distribution(ConstVectorRef theta, const Rows& rows, VectorRef below,
                            VectorRef up_to) = 0;

 protected:
  ~ResponseDistribution() = default;
};

/// Levels that the data do not hold. What theta says of one level of a grouping (its effects; its
/// residual sd where groups have their own) is overwritten by what it may be of a new one, so that
/// rows of the new level can be mapped to it, in a copy of theta.
struct NewGroups {
  static constexpr std::string_view id = "new_groups/1";

  /// Drawn from the population, given the rest of theta.
  virtual void draw_group(std::size_t grouping, std::size_t level, VectorRef theta, Rng& rng) = 0;

  /// The population's centre: no effects.
  virtual void center_group(std::size_t grouping, std::size_t level, VectorRef theta) = 0;

 protected:
  ~NewGroups() = default;
};

/// Draws of theta from the prior. With Predictive it makes a model testable: simulation-based
/// calibration and Geweke's joint test.
struct PriorDraws {
  static constexpr std::string_view id = "prior_draws/1";
  virtual void draw_prior(VectorRef theta, Rng& rng) = 0;

 protected:
  ~PriorDraws() = default;
};

/// log p(y), where the model knows it in closed form.
struct Evidence {
  static constexpr std::string_view id = "evidence/1";
  virtual double log_evidence() = 0;

 protected:
  ~Evidence() = default;
};

/// Base of a model that offers these capabilities:
///   class RandomIntercept final : public tarn::Offers<tarn::LogDensity, tarn::FullConditionals>
template <class... Capabilities>
class Offers : public Model, public Capabilities... {
 public:
  static std::vector<std::string_view> offers() { return {Capabilities::id...}; }

  /// Takes capabilities back that this model's priors rule out.
  void withhold(std::vector<std::string_view> capabilities) { withheld_ = std::move(capabilities); }

  void* query(std::string_view capability) noexcept override {
    void* found = nullptr;
    if (is_withheld(capability)) return found;
    ((capability == Capabilities::id ? found = static_cast<Capabilities*>(this) : found), ...);
    return found;
  }

 protected:
  bool is_withheld(std::string_view capability) const noexcept {
    return std::ranges::find(withheld_, capability) != withheld_.end();
  }

 private:
  std::vector<std::string_view> withheld_;
};

/// A model of another's capabilities and these:
///   class Pooled final : public tarn::Extends<tarn::regression::Regression, tarn::Evidence>
template <class Base, class... Capabilities>
class Extends : public Base, public Capabilities... {
 public:
  using Base::Base;

  static std::vector<std::string_view> offers() {
    std::vector<std::string_view> all = Base::offers();
    (all.push_back(Capabilities::id), ...);
    return all;
  }

  void* query(std::string_view capability) noexcept override {
    void* found = Base::query(capability);
    if (this->is_withheld(capability)) return found;
    ((capability == Capabilities::id ? found = static_cast<Capabilities*>(this) : found), ...);
    return found;
  }
};

template <class Capability>
Capability* query(Model& model) noexcept {
  return static_cast<Capability*>(model.query(Capability::id));
}

}  // namespace tarn
