// The No-U-Turn sampler on the kept parameters.
#pragma once

#include "kernel.hpp"
#include "kernel/nuts_kernel.hpp"

class NutsWalk final : public Kernel {
 public:
  /// The target has a gradient. `because`: "mixtures of t have k-hat 0.93", or nothing.
  NutsWalk(KeptDensity& density, std::string because);

  std::string plan() const override;
  std::vector<tarn::Statistic> statistics() const override;
  void move(Place& now, std::span<double> stats, tarn::Rng& rng) override;
  void adapt(Place& now, std::span<double> stats, tarn::Rng& rng, tarn::WarmUp at) override;
  void save(tarn::TuningWriter& to) const override { nuts_.save(to); }
  void load(tarn::TuningReader& from) override { nuts_.load(from); }

 private:
  void report(const nuts::Transition& transition, Place& now, std::span<double> stats);

  KeptDensity& density_;
  std::string because_;
  nuts::NutsKernel nuts_;
};
