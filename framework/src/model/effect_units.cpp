// Which group effects move in units of their sd.
#include "tarn/effect_units.hpp"

#include <cmath>

namespace tarn {
namespace {

/// How much the log density bends where all effects with one sd move at once; those of different
/// groups meet in no row, so that this is the sum over the groups.
double bend(const Target& target, const Target::Effects& e, const Vector& z) {
  const auto moved = [&](double by) {
    Vector there = z;
    for (Eigen::Index j = 0; j < e.count; ++j) there[e.free + j * e.stride] += by;
    return target.log_density(there);
  };
  return 2 * moved(0) - moved(1) - moved(-1);
}

/// The share of the prior in that.
double share_of_prior(const Target& target, const Target::Effects& e, ConstVectorRef z) {
  Vector without_data = z;
  without_data[e.log_sd] -= std::log(1000);
  return bend(target, e, without_data) / bend(target, e, z);
}

}  // namespace

Setting EffectUnits::setting() {
  return {"effects",
          "how target=full moves group effects: scaled: in units of their sd, for data that tell "
          "little of each group; centred: as they are, for data that tell much; auto: as the first "
          "draws of the warm-up show",
          std::string("auto"),
          {"auto", "centred", "scaled"}};
}

EffectUnits::EffectUnits(Target& target, const std::string& choice) {
  const std::size_t count = target.effects().size();
  if (choice == "auto") share_ = log_sd_ = Vector::Zero(static_cast<Eigen::Index>(count));
  for (std::size_t k = 0; k < count && choice == "centred"; ++k) target.set_unit(k, 1);
}

void EffectUnits::learn(Target& target, ConstVectorRef z, WarmUp at) {
  const std::size_t end = at.total / 4;
  if (at.done < at.total / 10 || at.done >= end) return;
  draws_ += 1;
  for (Eigen::Index k = 0; k < share_.size(); ++k) {
    const auto index = static_cast<std::size_t>(k);
    const Target::Effects& e = target.effects()[index];
    share_[k] += share_of_prior(target, e, z);
    log_sd_[k] += z[e.log_sd];
    if (at.done + 1 == end && share_[k] < 0.5 * draws_) {
      target.set_unit(index, std::exp(log_sd_[k] / draws_));
    }
  }
}

void EffectUnits::save(const Target& target, TuningWriter& to) const {
  for (const Target::Effects& e : target.effects()) to << e.unit;
  to << draws_ << share_ << log_sd_;
}

void EffectUnits::load(Target& target, TuningReader& from) {
  for (std::size_t k = 0; k < target.effects().size(); ++k) {
    double unit = 0;
    from >> unit;
    target.set_unit(k, unit);
  }
  from >> draws_ >> share_ >> log_sd_;
}

}  // namespace tarn
