// A sampler that never says what it needs.
#include <tarn/plugin.hpp>

struct Half final : tarn::Sampler {
  Half(tarn::Model&, const tarn::Settings&) {}
  std::span<const tarn::Statistic> statistics() const noexcept override { return {}; }
  void step(tarn::VectorRef, std::span<double>, tarn::Rng&) override {}
};

TARN_PLUGIN("half", "1.0.0") { plugin.sampler<Half>("half", ""); }
