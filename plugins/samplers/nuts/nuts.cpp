// The No-U-Turn sampler (SAMPLER.md): Hamiltonian Monte Carlo that ends its trajectories by itself.
#include <memory>
#include <optional>

#include <fmt/format.h>

#include <tarn/plugin.hpp>

#include "kernel/nuts_kernel.hpp"
#include "preconditioner.hpp"

namespace {

using namespace tarn;

/// Up to so many coordinates the windows of a usual warm-up hold enough draws for a dense metric.
constexpr Eigen::Index few = 50;

nuts::Options options_of(const Settings& settings, Eigen::Index size) {
  const std::string& metric = settings.text("metric");
  return {settings.number("target_accept"), static_cast<int>(settings.integer("max_depth")),
          metric == "dense" || (metric == "auto" && size <= few)};
}

/// None where the marginal parameters are walked on.
std::shared_ptr<const nuts::Preconditioner> preconditioner_of(Model& model,
                                                              const Settings& settings,
                                                              const Target& target) {
  const bool full = settings.text("target") == "full" || query<Collapsed>(model) == nullptr;
  if (!full || settings.text("precondition") == "none") return nullptr;
  return nuts::Preconditioner::at_mode(model, target);
}

class Nuts final : public Walk {
 public:
  static constexpr int preference = 8;

  static std::vector<std::string_view> needs() { return {LogDensity::id, Gradient::id}; }

  static std::vector<Setting> settings() {
    return {
        target_setting(),
        effects_setting(),
        {"target_accept",
         "mean acceptance that the step size aims at; raise it on divergences",
         0.8,
         {},
         0.5,
         0.999},
        {"max_depth", "a trajectory has at most 2^max_depth steps", std::int64_t{10}, {}, 1, 20},
        {"metric",
         "diagonal: a scale for each coordinate; dense: their covariance; auto: dense up to 50 "
         "coordinates",
         std::string("auto"),
         {"auto", "diagonal", "dense"}},
        {"precondition",
         "auto: coefficients and effects in coordinates of their normal approximation, where all "
         "parameters are moved and the model offers one; none: as they are",
         std::string("auto"),
         {"auto", "none"}}};
  }

  Nuts(Model& model, const Settings& settings)
      : Walk(model, settings, Uses::gradient, "NUTS"),
        preconditioner_(preconditioner_of(model, settings, target())),
        preconditioned_(seen_from(target())),
        kernel_(preconditioned_ ? *preconditioned_ : target(),
                options_of(settings, target().size())) {}

  Nuts(Model& model, const Settings& settings, const Nuts& first)
      : Walk(model, settings, Uses::gradient, "NUTS"),
        preconditioner_(first.preconditioner_),
        preconditioned_(seen_from(target())),
        kernel_(preconditioned_ ? *preconditioned_ : target(),
                options_of(settings, target().size())) {}

  std::string plan() const override {
    if (preconditioner_ == nullptr) return Walk::plan();
    return fmt::format("{}, {} of them in coordinates of their normal approximation", Walk::plan(),
                       preconditioner_->size());
  }

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

 protected:
  void move(VectorRef z, std::span<double> stats, Rng& rng) override {
    const Vector from = to_kernel(z);
    report(kernel_.move(from, rng), from, z, stats);
  }

  void adapt(VectorRef z, std::span<double> stats, Rng& rng, WarmUp at) override {
    const Vector from = to_kernel(z);
    report(kernel_.adapt(from, rng, at), from, z, stats);
  }

  void save(TuningWriter& to) const override { kernel_.save(to); }
  void load(TuningReader& from) override { kernel_.load(from); }

 private:
  std::optional<Target> seen_from(const Target& target) const {
    if (preconditioner_ == nullptr) return std::nullopt;
    return preconditioner_->seen_from(target);
  }

  Vector to_kernel(ConstVectorRef z) const {
    return preconditioner_ != nullptr ? preconditioner_->to_kernel(target(), z) : Vector(z);
  }

  void report(const nuts::Transition& now, const Vector& from, VectorRef z,
              std::span<double> stats) {
    if (now.to.z != from) {  // else rounding would move it
      z = preconditioner_ != nullptr ? preconditioner_->from_kernel(target(), now.to.z) : now.to.z;
    }
    stats[0] = now.to.log_density - target().log_jacobian(z);
    stats[1] = now.acceptance;
    stats[2] = now.step_size;
    stats[3] = now.depth;
    stats[4] = now.steps;
    stats[5] = now.diverging ? 1 : 0;
    stats[6] = now.cut_off ? 1 : 0;
    stats[7] = now.energy;
  }

  std::shared_ptr<const nuts::Preconditioner> preconditioner_;  // shared by the chains of a run
  std::optional<Target> preconditioned_;
  nuts::NutsKernel kernel_;
  std::vector<Statistic> statistics_ = {
      {"lp", Statistic::Type::real, "log density of what moves, up to a constant"},
      {"acceptance_rate", Statistic::Type::real, "mean acceptance over the trajectory"},
      {"step_size", Statistic::Type::real, "of the leapfrog integrator"},
      {"tree_depth", Statistic::Type::integer, "how often the trajectory was doubled"},
      {"n_steps", Statistic::Type::integer, "leapfrog steps, each one gradient"},
      {"diverging", Statistic::Type::boolean, "whether the integrator lost the trajectory"},
      {"reached_max_treedepth", Statistic::Type::boolean,
       "whether the trajectory was cut off at the greatest depth"},
      {"energy", Statistic::Type::real, "of the draw with its momentum"}};
};

}  // namespace

TARN_PLUGIN("nuts", "0.5.0") {
  plugin.sampler<Nuts>("nuts", "No-U-Turn sampler: follows the gradient of the log density");
}
