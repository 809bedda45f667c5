// Base of samplers that move a point of free coordinates, wherever the model lets them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tarn/effect_units.hpp"
#include "tarn/sampler.hpp"
#include "tarn/settings.hpp"
#include "tarn/target.hpp"
#include "tarn/tuning.hpp"

namespace tarn {

/// The kernel moves z, a point of target(): either all of theta, or the marginal parameters of a
/// model that integrates the rest out; the rest is then drawn given them, so that stored draws are
/// always whole. A sampler derives from it, puts target_setting() and effects_setting() among its
/// settings, and overrides move().
class Walk : public Sampler {
 public:
  /// target=auto|full|collapsed. auto: collapsed where the model offers that.
  static Setting target_setting();

  /// effects=auto|centered|non-centered: the coordinates of group effects where target=full.
  static Setting effects_setting() { return EffectUnits::setting(); }

  std::string plan() const override;
  void step(VectorRef theta, std::span<double> stats, Rng& rng) final;
  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) final;
  std::vector<double> tuning() const final;
  void restore(std::span<const double> tuning) final;

 protected:
  /// What the kernel needs of its target; the sampler's needs() are LogDensity, or LogDensity and
  /// Gradient, accordingly.
  enum class Uses { density, gradient };

  /// `kernel` begins the plan: "NUTS" on 3 marginal parameters. Throws UsageError for
  /// target=collapsed where the model does not offer that.
  Walk(Model& model, const Settings& settings, Uses uses, std::string kernel);

  const Target& target() const noexcept { return target_; }

  /// log density of what z stands for, on the natural scale: the statistic `lp`.
  double natural_log_density(ConstVectorRef z) const;

  /// One transition that leaves the target invariant.
  virtual void move(VectorRef z, std::span<double> stats, Rng& rng) = 0;

  /// One transition during warm-up, of a target with at least one coordinate.
  virtual void adapt(VectorRef z, std::span<double> stats, Rng& rng, WarmUp at);

  /// What the kernel has learnt.
  virtual void save(TuningWriter&) const {}
  virtual void load(TuningReader&) {}

 private:
  Vector locate(ConstVectorRef theta) const;
  void settle_units(Model& model, bool centered);

  std::string kernel_;
  Collapsed* collapsed_;  // null where z is all of theta
  Target target_;
  EffectUnits units_;
  Vector warming_;  // z during warm-up where collapsed: the rest is drawn at its end only
};

}  // namespace tarn
