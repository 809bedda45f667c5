// Slice sampling (Neal 2003) of one free coordinate after the other (SAMPLER.md). Needs nothing but
// a log density, and has no tuning that could be wrong.
#include <utility>

#include <tarn/plugin.hpp>

namespace tarn::slice_sampler {
namespace {

/// Of free coordinates, which are of order 1: a width of 0 would never grow again.
constexpr double least_width = 1e-8;

class Slice final : public Walk {
 public:
  static constexpr int preference = 4;

  static std::vector<std::string_view> needs() { return {LogDensity::id}; }

  static std::vector<Setting> settings() { return {target_setting(), effects_setting()}; }

  Slice(Model& model, const Settings& settings)
      : Walk(model, settings, Uses::density, "slices"), width_(Vector::Ones(target().size())) {}

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

 protected:
  void move(VectorRef z, std::span<double> stats, Rng& rng) override {
    evaluations_ = 0;
    for (Eigen::Index i = 0; i < z.size(); ++i) {
      const auto log_density = [&](double x) {
        ++evaluations_;
        const double here = std::exchange(z[i], x);
        const double value = target().log_density(z);
        z[i] = here;
        return value;
      };
      z[i] = slice(z[i], width_[i], log_density, rng);
    }
    stats[0] = natural_log_density(z);
    stats[1] = static_cast<double>(evaluations_);
  }

  void adapt(VectorRef z, std::span<double> stats, Rng& rng, WarmUp at) override {
    const Vector before = z;
    move(z, stats, rng);
    // A few times the mean distance moved is a good width (Neal 2003, section 4).
    const double weight = 1.0 / (2.0 + static_cast<double>(at.done));
    width_ += weight * (3 * (z - before).cwiseAbs() - width_);
    width_ = width_.cwiseMax(least_width);
  }

  void save(TuningWriter& to) const override { to << width_; }
  void load(TuningReader& from) override { from >> width_; }

 private:
  Vector width_;
  std::size_t evaluations_ = 0;
  std::vector<Statistic> statistics_ = {
      {"lp", Statistic::Type::real, "log density of what moves, up to a constant"},
      {"n_steps", Statistic::Type::integer, "evaluations of the log density"}};
};

}  // namespace

}  // namespace tarn::slice_sampler

TARN_PLUGIN("slice", "0.5.0") {
  plugin.sampler<tarn::slice_sampler::Slice>(
      "slice", "slice sampling, coordinate by coordinate: needs only a density");
}
