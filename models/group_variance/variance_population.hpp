// Where the groups' residual variances come from.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include <tarn/design.hpp>
#include <tarn/layout.hpp>
#include <tarn/prior.hpp>
#include <tarn/rng.hpp>

namespace tarn::group_variance {

/// Either sigma_j^2 ~ IG(a, b) with a and b estimated, their priors those of a and the typical
/// standard deviation sqrt(b / a), or of a and b; or any given prior for every sigma_j.
class VariancePopulation {
 public:
  static std::vector<Parameter> parameters(const Design& design);

  /// sigma_g; and where estimated shape_g and scale_g.
  static std::vector<Block> blocks(const Design& design, const Priors& priors);

  /// Throws InputError where a flat prior leaves an improper posterior. `weight` holds the sizes of
  /// the groups; the priors outlive this.
  VariancePopulation(const Design& design, const Priors& priors, Vector weight);

  bool estimated() const noexcept { return given_ == nullptr; }

  /// The variances are inverse gamma.
  bool conjugate() const noexcept { return estimated() || given_->conjugate().has_value(); }

  struct State {
    double shape = 1;  // a
    double scale = 1;  // b; both only where estimated
    Vector sigma;
  };

  /// a and b: estimated, or those of a given inverse gamma.
  std::optional<std::array<double, 2>> shape_and_scale(const State& now) const;

  /// log p(sigma, a, b), given the sums of log sigma_j and of 1 / sigma_j^2.
  double log_density(const State& now, double log_sigmas, double precisions) const;

  /// What has a prior of its own: a and b where estimated, else every sigma_j.
  double log_prior(const State& now) const;

  /// Adds to its derivatives with respect to the three: a State of derivatives.
  void add_gradient(const State& now, State& slope) const;

  /// A start with typical standard deviations near `residual`, each near its `guess`.
  State start(double residual, ConstVectorRef guess, Rng& rng) const;

  State draw_prior(Rng& rng) const;

  /// sigma of one more group, given a and b; and that of a typical one: sqrt(b / a), or the root
  /// mean square of the groups where their prior has neither.
  double draw_one(const State& now, Rng& rng) const;
  double typical(const State& now) const;

  /// Gibbs, from the groups' sums of squared residuals: sigma | a, b; (a, b) with sigma integrated
  /// out; and given sigma. Exact for inverse-gamma variances, else by slices.
  void draw_sigma(State& now, ConstVectorRef squares, Rng& rng) const;
  void draw_shape_and_scale(State& now, ConstVectorRef squares, Rng& rng) const;
  void draw_shape_and_scale(State& now, Rng& rng) const;

 private:
  double log_prior(double shape, double scale) const;
  template <class LogLikelihood>
  void draw_by_slices(State& now, const LogLikelihood& log_likelihood, Rng& rng) const;
  double count() const { return static_cast<double>(weight_.size()); }

  const ParameterPrior* given_;  // of every sigma_j; none where estimated
  const ParameterPrior* shape_;
  const ParameterPrior* typical_;  // of sqrt(b / a); none where b itself has a prior
  const ParameterPrior* scale_;
  Vector weight_;                     // n_j
  std::map<double, double> by_size_;  // how many groups of each size
};

}  // namespace tarn::group_variance
