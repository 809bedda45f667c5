// The No-U-Turn sampler on any target with a gradient: transitions, and what a warm-up learns.
#pragma once

#include <tarn/sampler.hpp>
#include <tarn/target.hpp>
#include <tarn/tuning.hpp>

#include "metric.hpp"
#include "step_size.hpp"
#include "trajectory.hpp"

namespace nuts {

struct Options {
  double target_accept = 0.8;
  int max_depth = 10;
  bool dense = false;  // the metric
};

class NutsKernel {
 public:
  /// The target has a gradient, and outlives the kernel.
  NutsKernel(const tarn::Target& target, const Options& options);

  /// One transition. The first one finds a step size if there was no warm-up.
  Transition move(tarn::ConstVectorRef z, tarn::Rng& rng);

  /// One transition of the warm-up, from which the step size and the metric are learnt.
  Transition adapt(tarn::ConstVectorRef z, tarn::Rng& rng, tarn::WarmUp at);

  /// To the last bit, at any draw of the warm-up and after it.
  void save(tarn::TuningWriter& to) const;
  void load(tarn::TuningReader& from);

 private:
  const tarn::Target& target_;
  Options options_;
  Metric metric_;
  MetricWindow window_;
  StepSize step_;
};

}  // namespace nuts
