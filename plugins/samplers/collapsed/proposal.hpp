// The interface of proposals of the marginal parameters.
#pragma once

#include <tarn/rng.hpp>

#include "point.hpp"

namespace tarn::collapsed {

/// A normalised density, in whitened coordinates. Never changes once made: chains may share it.
class Proposal {
 public:
  virtual ~Proposal() = default;
  virtual Point draw(Rng& rng) const = 0;
  virtual double log_density(const Point& w) const = 0;
};

}  // namespace tarn::collapsed
