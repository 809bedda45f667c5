// A finished fit that can be made again without some of its rows.
#pragma once

#include <optional>

#include "fits/load.hpp"
#include "tarn/refit.hpp"

namespace tarn::launcher {

/// From what the chain file says: sampler, its settings, the length of the run. The fit must
/// outlive it.
class Refitting {
 public:
  explicit Refitting(const LoadedFit& fit);

  /// Lets a diagnostic ask for refits, as many as are worth their time. Where the sampler is not
  /// there any more, none.
  void offer(Fit& to) const;

 private:
  const LoadedFit& fit_;
  const SamplerType* sampler_ = nullptr;
  Settings settings_;
  RunPlan plan_;
};

}  // namespace tarn::launcher
