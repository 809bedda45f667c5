// What the kept parameters are proposed from.
#pragma once

#include <tarn/rng.hpp>

#include "point.hpp"

/// A normalised density, in whitened coordinates. Never changes once made: chains may share it.
class Proposal {
 public:
  virtual ~Proposal() = default;
  virtual Point draw(tarn::Rng& rng) const = 0;
  virtual double log_density(const Point& w) const = 0;
};
