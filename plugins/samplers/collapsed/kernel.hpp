// The interface of what moves the marginal parameters.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <tarn/sampler.hpp>
#include <tarn/tuning.hpp>

#include "marginal_density.hpp"

namespace tarn::collapsed {

class Kernel {
 public:
  virtual ~Kernel() = default;

  /// "gridded density, acceptance 0.99".
  virtual std::string plan() const = 0;

  virtual std::vector<Statistic> statistics() const = 0;

  /// One transition that leaves the density of the marginal parameters invariant.
  virtual void move(Place& now, std::span<double> stats, Rng& rng) = 0;

  /// The last so many warm-up transitions are worth their time.
  virtual std::size_t warm_up() const { return std::numeric_limits<std::size_t>::max(); }

  /// The same during warm-up.
  virtual void adapt(Place& now, std::span<double> stats, Rng& rng, WarmUp) {
    move(now, stats, rng);
  }

  /// What it has learnt, as Sampler's tuning.
  virtual void save(TuningWriter&) const {}
  virtual void load(TuningReader&) {}
};

}  // namespace tarn::collapsed
