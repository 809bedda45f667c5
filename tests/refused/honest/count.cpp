// A diagnostic that keeps every promise.
#include <tarn/plugin.hpp>

namespace {

struct Count final : tarn::Diagnostic {
  explicit Count(const tarn::Settings&) {}
  void evaluate(const tarn::Fit& fit, tarn::Report& report) override {
    const std::size_t draws = fit.posterior.chains() * fit.posterior.draws();
    report.add({tarn::Finding::Level::note, std::to_string(draws) + " draws"});
  }
};

}  // namespace

TARN_PLUGIN("count", "1.0.0") { plugin.diagnostic<Count>("count", "how many draws there are"); }
