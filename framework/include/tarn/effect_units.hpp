// The units in which a walk moves group effects.
#pragma once

#include <string>

#include "tarn/sampler.hpp"
#include "tarn/settings.hpp"
#include "tarn/target.hpp"
#include "tarn/tuning.hpp"

namespace tarn {

/// Sets the units of a target's effects r: their sd, or a fixed number (centred: 1; a walk takes
/// the sd at which chains start).
///
/// auto begins with the sd, and asks from 10 to 25 % of the warm-up how much more the log density
/// bends along r / sd than it does with an sd near 0, where the data say nothing: by the factor
/// 1 + n sd^2 / sigma^2 in a balanced Gaussian model. Where the data bend it more than the prior,
/// and log sd keeps so near its mean that an sd near 0 has no mass, the geometric mean of the sd is
/// the unit from then on: numbers of about the same size, so that what the kernel has learnt of
/// their scale stays true. Effects with one sd are not divided: a single one that stays as it is
/// brings the funnel back.
class EffectUnits {
 public:
  static Setting setting();

  EffectUnits(Target& target, const std::string& choice);

  /// After a transition of the warm-up, which has led to z.
  void learn(Target& target, ConstVectorRef z, WarmUp at);

  /// Moves each sd by a slice, in the other way than the kernel: r / sd held fixed where units are
  /// fixed, else r. It leaves the target invariant, and is the way to an sd near 0, or out of large
  /// ones, that coordinates of one kind do not have (interweaving; Yu & Meng 2011).
  static void interweave(const Target& target, VectorRef z, Rng& rng);

  void save(const Target& target, TuningWriter& to) const;
  void load(Target& target, TuningReader& from);

 private:
  double draws_ = 0;  // looked at, and sums over them, for each sd; empty unless auto
  Vector share_;      // of the prior in the bend
  Vector log_sd_;
  Vector squares_;  // of log sd
};

}  // namespace tarn
