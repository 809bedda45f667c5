// The role of a sampler: a transition kernel for one chain.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tarn/model.hpp"

namespace tarn {

/// One number that a sampler reports with every draw, named as in ArviZ's schema.
struct Statistic {
  enum class Type { real, integer, boolean };
  std::string name;
  Type type = Type::real;
  std::string describes = {};
};

/// How far the warm-up is: draw `done` of `total`, counted from 0.
struct WarmUp {
  std::size_t done;
  std::size_t total;
};

/// One object serves one chain. All that a chain needs to go on is theta, tuning() and the number
/// of the draw. What is expensive to find out may be shared: a constructor that takes the run's
/// first sampler besides reads of it what never changes after construction, for it may be drawing.
class Sampler {
 public:
  virtual ~Sampler();

  /// How it will draw, in a line for people: "2 marginal parameters: gridded density". May be
  /// empty.
  virtual std::string plan() const { return {}; }

  /// What step() writes into `stats`, in this order.
  virtual std::span<const Statistic> statistics() const noexcept = 0;

  /// One transition that leaves p(theta | y) invariant.
  virtual void step(VectorRef theta, std::span<double> stats, Rng& rng) = 0;

  /// One transition during warm-up; may adapt the tuning.
  virtual void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at);

  /// The tuning is frozen from here on.
  virtual void end_warm_up() {}

  /// All that the kernel needs beyond theta, so that a resumed chain gives the same bits.
  virtual std::vector<double> tuning() const { return {}; }
  virtual void restore(std::span<const double> /*tuning*/) {}
};

}  // namespace tarn
