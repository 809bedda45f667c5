// How the kept parameters move.
#pragma once

#include <cstddef>
#include <limits>
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

  /// The last so many warm-up transitions are worth their time.
  virtual std::size_t warm_up() const { return std::numeric_limits<std::size_t>::max(); }

  /// The same during warm-up.
  virtual void adapt(Place& now, std::span<double> stats, tarn::Rng& rng, tarn::WarmUp) {
    move(now, stats, rng);
  }

  /// What it has learnt, as tarn::Sampler's tuning.
  virtual void save(tarn::TuningWriter&) const {}
  virtual void load(tarn::TuningReader&) {}
};
