// Samplers that keep every promise, each with other needs and another rank.
#include <tarn/plugin.hpp>

namespace {

class Walk : public tarn::Sampler {
 public:
  Walk(tarn::Model& model, const tarn::Settings&)
      : density_(tarn::query<tarn::LogDensity>(model)) {}

  static std::vector<std::string_view> needs() { return {tarn::LogDensity::id}; }
  std::span<const tarn::Statistic> statistics() const noexcept override { return {}; }
  void step(tarn::VectorRef theta, std::span<double>, tarn::Rng& rng) override {
    theta[0] = tarn::slice(
        theta[0], 1.0,
        [&](double x) { return density_->log_density(tarn::Vector::Constant(1, x)); }, rng);
  }

 private:
  tarn::LogDensity* density_;
};

struct Stroll final : Walk {
  using Walk::Walk;
  static constexpr int preference = 3;
};

struct Sweep final : Walk {
  using Walk::Walk;
  static constexpr int preference = 9;
  static std::vector<std::string_view> needs() {
    return {tarn::LogDensity::id, tarn::FullConditionals::id, tarn::Gradient::id};
  }
};

}  // namespace

TARN_PLUGIN("walk", "1.0.0") {
  plugin.sampler<Walk>("walk", "one slice move");
  plugin.sampler<Sweep>("sweep", "for models with full conditionals and a gradient");
  plugin.sampler<Stroll>("stroll", "one slice move, preferred");
}
