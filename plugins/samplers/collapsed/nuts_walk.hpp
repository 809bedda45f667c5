// The No-U-Turn sampler on the marginal parameters.
#pragma once

#include "kernel.hpp"
#include "kernel/nuts_kernel.hpp"

namespace tarn::collapsed {

class NutsWalk final : public Kernel {
 public:
  /// The target has a gradient. `because`: "mixtures of t have k-hat 0.93", or nothing.
  NutsWalk(MarginalDensity& density, std::string because);

  std::string plan() const override;
  std::vector<Statistic> statistics() const override;
  void move(Place& now, std::span<double> stats, Rng& rng) override;
  void adapt(Place& now, std::span<double> stats, Rng& rng, WarmUp at) override;
  void save(TuningWriter& to) const override { nuts_.save(to); }
  void load(TuningReader& from) override { nuts_.load(from); }

 private:
  void report(const nuts::Transition& transition, Place& now, std::span<double> stats);

  MarginalDensity& density_;
  std::string because_;
  nuts::NutsKernel nuts_;
};

}  // namespace tarn::collapsed
