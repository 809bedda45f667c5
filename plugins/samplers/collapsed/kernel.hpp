// How the kept parameters move.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tarn/sampler.hpp>
#include <tarn/tuning.hpp>

#include "kept_density.hpp"

class Kernel {
 public:
  virtual ~Kernel() = default;

  /// "gridded density, acceptance 0.99".
  virtual std::string plan() const = 0;

  virtual std::vector<tarn::Statistic> statistics() const = 0;

  /// One transition that leaves the density of the kept parameters invariant.
  virtual void move(Place& now, std::span<double> stats, tarn::Rng& rng) = 0;

  /// The same during warm-up.
  virtual void adapt(Place& now, std::span<double> stats, tarn::Rng& rng, tarn::WarmUp) {
    move(now, stats, rng);
  }

  /// What it has learnt, as tarn::Sampler's tuning.
  virtual void save(tarn::TuningWriter&) const {}
  virtual void load(tarn::TuningReader&) {}
};
