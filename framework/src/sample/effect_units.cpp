// Which group effects move in units of their sd.
#include "tarn/effect_units.hpp"

#include <cmath>

#include "tarn/distributions.hpp"

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

/// A posterior that is p(sd) near 0, so that log sd has the tail of e^x there, has a standard
/// deviation of log sd of about 1; with J groups that the data tell well it is 1 / sqrt(2 J), 0.4
/// with three.
constexpr double away_from_zero = 0.45;

}  // namespace

Setting EffectUnits::setting() {
  return {"effects",
          "parameterisation of group effects with target=full: non-centered (in units of their "
          "sd) suits groups of few rows, centered suits groups of many rows; auto: chosen during "
          "the warm-up",
          std::string("auto"),
          {"auto", "centered", "non-centered"}};
}

EffectUnits::EffectUnits(Target& target, const std::string& choice) {
  const std::size_t count = target.effects().size();
  if (choice == "auto") share_ = log_sd_ = squares_ = Vector::Zero(as_index(count));
  for (std::size_t k = 0; k < count && choice == "centered"; ++k) target.set_unit(k, 1);
}

void EffectUnits::learn(Target& target, ConstVectorRef z, WarmUp at) {
  const std::size_t end = at.total / 4;
  if (at.done < at.total / 10 || at.done >= end) return;
  draws_ += 1;
  for (Eigen::Index k = 0; k < share_.size(); ++k) {
    const auto index = as_size(k);
    const Target::Effects& e = target.effects()[index];
    share_[k] += share_of_prior(target, e, z);
    log_sd_[k] += z[e.log_sd];
    squares_[k] += z[e.log_sd] * z[e.log_sd];
    if (at.done + 1 != end || !(share_[k] < 0.5 * draws_)) continue;
    const double mean = log_sd_[k] / draws_;
    const double variance = squares_[k] / draws_ - mean * mean;
    if (variance < away_from_zero * away_from_zero) target.set_unit(index, std::exp(mean));
  }
}

void EffectUnits::interweave(const Target& target, VectorRef z, Rng& rng) {
  for (const Target::Effects& e : target.effects()) {
    const double power = e.unit == 0 ? -1 : 1;  // of the sd, by which its effects' coordinates move
    const Vector here = z;
    const auto moved = [&](double log_sd) {
      Vector there = here;
      there[e.log_sd] = log_sd;
      const double factor = std::exp(power * (log_sd - here[e.log_sd]));
      for (Eigen::Index j = 0; j < e.count; ++j) there[e.free + j * e.stride] *= factor;
      return there;
    };
    const auto log_density = [&](double log_sd) {  // of log sd, and of r / sd or r
      return target.log_density(moved(log_sd)) + power * static_cast<double>(e.count) * log_sd;
    };
    z = moved(slice(here[e.log_sd], 1.0, log_density, rng));
  }
}

void EffectUnits::save(const Target& target, TuningWriter& to) const {
  for (const Target::Effects& e : target.effects()) to << e.unit;
  to << draws_ << share_ << log_sd_ << squares_;
}

void EffectUnits::load(Target& target, TuningReader& from) {
  for (std::size_t k = 0; k < target.effects().size(); ++k) {
    double unit = 0;
    from >> unit;
    target.set_unit(k, unit);
  }
  from >> draws_ >> share_ >> log_sd_ >> squares_;
}

}  // namespace tarn
