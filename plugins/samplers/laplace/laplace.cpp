// A preview: independent draws from Laplace's approximation, resampled by importance weights where
// their tail lets that be (SAMPLER.md).
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tarn/plugin.hpp>
#include <tarn/tuning.hpp>

#include "points.hpp"

namespace tarn::laplace {
namespace {

class LaplaceSampler final : public Sampler {
 public:
  /// Never chosen: only where it is asked for.
  static constexpr int preference = -1;
  static constexpr bool learns = false;

  static std::vector<std::string_view> needs() { return {Pivot::id}; }

  static std::vector<Setting> settings() {
    return {{"points",
             "points of each chain, of which its draws are resampled",
             std::int64_t{1000},
             {},
             100,
             1e7}};
  }

  LaplaceSampler(Model& model, const Settings& settings)
      : LaplaceSampler(model, settings, std::make_shared<const Found>(find_out(model))) {}

  LaplaceSampler(Model& model, const Settings& settings, const LaplaceSampler& first)
      : LaplaceSampler(model, settings, first.found_) {}

  std::string plan() const override {
    std::string plan = "approximate: independent draws";
    if (!found_->method.empty()) {
      plan += fmt::format("; {} hyperparameter{}: {}", hyperparameters_,
                          hyperparameters_ == 1 ? "" : "s", found_->method);
    }
    plan += fmt::format("; {} latent variable{}; k-hat {:.2f}", latents_, latents_ == 1 ? "" : "s",
                        found_->pareto_k);
    return plan + (found_->reweighted()
                       ? fmt::format(": reweighted, efficiency {:.2f}", found_->efficiency)
                       : fmt::format(" above {:g}: not reweighted", reliable));
  }

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    if (!key_.set) {
      throw PluginError(
          "laplace draws its points in the first transition of the warm-up, and there is none; "
          "take --warmup 1");
    }
    if (points_.empty()) points_.make(key_.value(), count_);
    stats[0] = points_.draw(theta, rng);
    stats[1] = found_->pareto_k;
    stats[2] = points_.worth();
    stats[3] = found_->reweighted() ? 1 : 0;
  }

  /// The first transition is all that there is.
  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) override {
    if (at.done > 0) return;
    key_ = {true, static_cast<std::uint32_t>(rng.bits()), static_cast<std::uint32_t>(rng.bits())};
    step(theta, stats, rng);
  }

  std::vector<double> tuning() const override {
    TuningWriter writer;
    writer << (key_.set ? 1 : 0) << key_.high << key_.low;
    return std::move(writer).numbers();
  }

  void restore(std::span<const double> tuning) override {
    TuningReader reader(tuning);
    reader >> key_.set >> key_.high >> key_.low;
  }

 private:
  LaplaceSampler(Model& model, const Settings& settings, std::shared_ptr<const Found> found)
      : found_(std::move(found)),
        hyperparameters_(found_->proposal.whitening.centre.size()),
        latents_(query<Pivot>(model)->latents()),
        count_(settings.integer("points")),
        points_(anchored(model), *found_) {}

  Model& anchored(Model& model) const {
    query<Pivot>(model)->anchor(found_->anchor);
    return model;
  }

  /// Names the chain's points; each half is a number that a tuning can hold.
  struct Key {
    bool set = false;
    std::uint32_t high = 0;
    std::uint32_t low = 0;

    std::uint64_t value() const { return std::uint64_t{high} << 32 | low; }
  };

  std::shared_ptr<const Found> found_;  // shared by the chains of a run
  Eigen::Index hyperparameters_;
  std::size_t latents_;
  Eigen::Index count_;
  Points points_;
  Key key_;
  std::vector<Statistic> statistics_ = {
      {"lp", Statistic::Type::real, "log density of hyperparameters and standardised effects"},
      {"pareto_k", Statistic::Type::real,
       "shape of the tail of the importance ratios of the approximation; reliable below 0.7"},
      {"importance_ess", Statistic::Type::real,
       "(sum w)^2 / sum w^2 of the chain's points, of which draws are resampled"},
      {"reweighted", Statistic::Type::boolean,
       "whether the weights are those of the exact density"}};
};

}  // namespace
}  // namespace tarn::laplace

TARN_PLUGIN("laplace", "0.5.0") {
  plugin.sampler<tarn::laplace::LaplaceSampler>(
      "laplace", "a preview: independent draws from Laplace's approximation, approximate");
}
