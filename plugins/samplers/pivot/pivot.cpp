// Latent Gaussian models: hyperparameters are proposed near their Laplace approximation, with the
// latent variables carried along in standardised coordinates, and those move by rotations; both are
// accepted by the exact density (SAMPLER.md).
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tarn/distributions.hpp>
#include <tarn/plugin.hpp>

#include "hyperparameters.hpp"

namespace tarn::pivot {
namespace {

/// How many kicks a rotation takes: more, where paths are refused during warm-up.
class Kicks {
 public:
  int number() const noexcept { return number_; }

  void learn(double acceptance) {
    constexpr int window = 20;
    constexpr double wanted = 0.8;
    constexpr int most = 32;
    sum_ += acceptance;
    if (++seen_ < window) return;
    if (sum_ / seen_ < wanted && number_ < most) number_ += (number_ + 1) / 2;
    sum_ = 0;
    seen_ = 0;
  }

  void save(TuningWriter& to) const { to << number_ << sum_ << seen_; }
  void load(TuningReader& from) { from >> number_ >> sum_ >> seen_; }

 private:
  int number_ = 2;
  double sum_ = 0;
  int seen_ = 0;
};

class PivotSampler final : public Sampler {
 public:
  static constexpr int preference = 15;

  static std::vector<std::string_view> needs() { return {Pivot::id}; }

  PivotSampler(Model& model, const Settings&) : PivotSampler(model, find_out(model)) {}

  PivotSampler(Model& model, const Settings&, const PivotSampler& first)
      : PivotSampler(model, first.found_) {}

  std::string plan() const override {
    const Eigen::Index d = hyperparameters_.size();
    std::string plan = fmt::format("{} hyperparameter{}", d, d == 1 ? "" : "s");
    if (found_.preparation != nullptr) {
      const collapsed::Preparation& how = *found_.preparation;
      plan += how.proposal != nullptr
                  ? fmt::format(": {}, acceptance {:.2f}{}", how.method, how.acceptance,
                                found_.needs_slices() ? ", and slices" : "")
                  : ": slices";
    }
    return plan + fmt::format("; {} latent variables, residual sd {:.2g}", latents_.xi.size(),
                              found_.residual);
  }

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    locate(theta);
    move(theta, stats, rng);
  }

  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) override {
    constexpr std::size_t enough = 100;  // proposals do not depend on the start, and paths leave it
    if (at.total - at.done > enough && at.done > 0) return;
    if (at.done == 0) {  // a start's effects may be far out on the scale of the approximation
      pivot_.to_hyperparameters(theta, phi_);
      if (!hyperparameters_.locate(phi_, now_)) hyperparameters_.locate(found_.anchor, now_);
      fill_normal(latents_.xi, rng);
      latents_.log_density = now_.place->log_density(latents_.xi);
    } else {
      locate(theta);
    }
    const double acceptance = move(theta, stats, rng);
    constexpr std::size_t settled =
        60;  // of the last transitions: those before lead in from the start
    if (at.total - at.done <= settled || at.total <= settled) kicks_.learn(acceptance);
  }

  std::vector<double> tuning() const override {
    TuningWriter writer;
    kicks_.save(writer);
    return std::move(writer).numbers();
  }

  void restore(std::span<const double> tuning) override {
    TuningReader reader(tuning);
    kicks_.load(reader);
  }

 private:
  PivotSampler(Model& model, Found found)
      : pivot_(*query<Pivot>(model)),
        found_(std::move(found)),
        hyperparameters_(anchored(model), found_),
        phi_(hyperparameters_.natural_size()),
        now_{.place = pivot_.make_place(),
             .natural = Vector(phi_.size()),
             .free = Vector(hyperparameters_.size())},
        latents_{Vector::Zero(static_cast<Eigen::Index>(pivot_.latents()))} {}

  Model& anchored(Model& model) {
    pivot_.anchor(found_.anchor);
    return model;
  }

  /// The chain's place, from the draw alone.
  void locate(ConstVectorRef theta) {
    pivot_.to_hyperparameters(theta, phi_);
    if (!hyperparameters_.locate(phi_, now_)) {
      throw PluginError("pivot: the normal approximation was lost; try --sampler nuts");
    }
    now_.place->to_standard(theta, latents_.xi);
    latents_.log_density = now_.place->log_density(latents_.xi);
  }

  /// Returns the latent variables' acceptance.
  double move(VectorRef theta, std::span<double> stats, Rng& rng) {
    const double of_latents = rotate(*now_.place, kicks_.number(), latents_, rng);
    stats[1] = hyperparameters_.move(now_, latents_, rng);
    stats[0] = latents_.log_density;
    stats[2] = of_latents;
    stats[3] = kicks_.number();
    now_.place->from_standard(latents_.xi, theta);
    return of_latents;
  }

  Pivot& pivot_;
  Found found_;  // shared by the chains of a run
  Hyperparameters hyperparameters_;
  Vector phi_;
  Here now_;
  Latents latents_;
  Kicks kicks_;
  std::vector<Statistic> statistics_ = {
      {"lp", Statistic::Type::real, "log density of hyperparameters and standardised effects"},
      {"acceptance_rate", Statistic::Type::real,
       "mean acceptance probability of the hyperparameters' proposals"},
      {"latent_acceptance", Statistic::Type::real,
       "acceptance probability of the latent variables' path"},
      {"n_steps", Statistic::Type::integer, "gradients of the path"}};
};

}  // namespace
}  // namespace tarn::pivot

TARN_PLUGIN("pivot", "0.5.0") {
  plugin.sampler<tarn::pivot::PivotSampler>(
      "pivot", "latent Gaussian models: paths about a normal approximation, accepted exactly");
}
