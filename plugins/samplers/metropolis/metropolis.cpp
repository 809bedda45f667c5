// Random-walk Metropolis whose proposal is learnt during warm-up (SAMPLER.md).
#include <algorithm>
#include <cmath>

#include <tarn/plugin.hpp>

#include "proposal.hpp"

namespace tarn::metropolis {
namespace {

class Metropolis final : public Walk {
 public:
  static constexpr int preference = 2;

  static std::vector<std::string_view> needs() { return {LogDensity::id}; }

  static std::vector<Setting> settings() {
    return {target_setting(),
            effects_setting(),
            {"steps", "proposals for each draw", std::int64_t{1}, {}, 1, 1e6}};
  }

  Metropolis(Model& model, const Settings& settings)
      : Walk(model, settings, Uses::density, "random walk"),
        steps_(settings.integer("steps")),
        proposal_(target().size()) {}

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

 protected:
  void move(VectorRef z, std::span<double> stats, Rng& rng) override {
    walk(z, stats, rng, [](double) {});
  }

  void adapt(VectorRef z, std::span<double> stats, Rng& rng, WarmUp) override {
    walk(z, stats, rng, [&](double acceptance) { proposal_.learn(z, acceptance); });
    proposal_.renew();
  }

  void save(TuningWriter& to) const override { proposal_.save(to); }
  void load(TuningReader& from) override { proposal_.load(from); }

 private:
  template <class Learn>
  void walk(VectorRef z, std::span<double> stats, Rng& rng, const Learn& learn) {
    double here = target().log_density(z);
    double sum = 0;
    bool moved = false;
    for (std::int64_t k = 0; k < steps_; ++k) {
      const Vector proposed = z + proposal_.draw(rng);
      const double there = target().log_density(proposed);
      const double ratio = std::exp(std::min(there - here, 0.0));
      const double acceptance = std::isnan(ratio) ? 0 : ratio;
      if (rng.uniform() < acceptance) {
        z = proposed;
        here = there;
        moved = true;
      }
      sum += acceptance;
      learn(acceptance);
    }
    stats[0] = here - target().log_jacobian(z);
    stats[1] = sum / static_cast<double>(steps_);
    stats[2] = moved ? 1 : 0;
  }

  std::int64_t steps_;
  Proposal proposal_;
  std::vector<Statistic> statistics_ = {
      {"lp", Statistic::Type::real, "log density of what moves, up to a constant"},
      {"acceptance_rate", Statistic::Type::real, "mean acceptance probability of the proposals"},
      {"accepted", Statistic::Type::boolean, "whether any proposal was accepted"}};
};

}  // namespace

}  // namespace tarn::metropolis

TARN_PLUGIN("metropolis", "0.5.0") {
  plugin.sampler<tarn::metropolis::Metropolis>(
      "metropolis", "random walk with a learnt proposal: needs only a density");
}
