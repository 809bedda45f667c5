// The step size, learnt by dual averaging.
#pragma once

#include <tarn/tuning.hpp>

namespace nuts {

/// Nesterov's dual averaging towards a mean acceptance (Hoffman & Gelman 2014, section 3.2).
class StepSize {
 public:
  explicit StepSize(double target_accept) : target_(target_accept) {}

  bool known() const noexcept { return step_ > 0; }
  double now() const noexcept { return step_; }

  /// Forgets what was learnt; the search begins at ten times this step, as large ones are cheap.
  void restart(double step);

  void learn(double acceptance);

  /// Ends the search at its weighted average.
  void settle();

  void save(tarn::TuningWriter& to) const;
  void load(tarn::TuningReader& from);

 private:
  double target_;
  double step_ = 0;  // 0: not known
  double centre_ = 0;
  double count_ = 0;
  double shortfall_ = 0;  // running mean of target - acceptance
  double log_average_ = 0;
};

}  // namespace nuts
