// A sampler that would be preferred to all others, and cannot start.
#include <stdexcept>

#include <tarn/plugin.hpp>

namespace {

using namespace tarn;

class Stillborn final : public Sampler {
 public:
  static constexpr int preference = 1000;
  static std::vector<std::string_view> needs() { return {LogDensity::id}; }

  Stillborn(Model&, const Settings&) { throw std::runtime_error("the moon is full"); }

  std::span<const Statistic> statistics() const noexcept override { return {}; }
  void step(VectorRef, std::span<double>, Rng&) override {}
};

}  // namespace

TARN_PLUGIN("stillborn", "0.1.0") { plugin.sampler<Stillborn>("stillborn", "never starts"); }
