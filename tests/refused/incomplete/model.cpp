// A model that never says which formulas it takes.
#include <tarn/plugin.hpp>

struct Half final : tarn::Offers<tarn::LogDensity> {
  explicit Half(const tarn::ModelInput&) {}
  static std::vector<tarn::Parameter> parameters(const tarn::Design&) { return {}; }
  const tarn::Layout& layout() const noexcept override { return layout_; }
  void start(tarn::VectorRef, tarn::Rng&) override {}
  double log_density(tarn::ConstVectorRef) override { return 0; }
  tarn::Layout layout_;
};

TARN_PLUGIN("half", "1.0.0") { plugin.model<Half>("half", ""); }
