// Whitened coordinates: mode 0, covariance about the identity.
#pragma once

#include <functional>

#include <tarn/rng.hpp>
#include <tarn/target.hpp>

#include "mode.hpp"

namespace tarn::collapsed {

/// z = centre + forward w: w is about standard normal.
struct Whitening {
  Vector centre;
  Matrix forward;
  Matrix backward;  // its inverse
};

/// A log density of whitened coordinates.
using WhitenedDensity = std::function<double(const Vector&)>;

/// The target seen from whitened coordinates; both must outlive it.
WhitenedDensity seen_from(const Whitening& whitening, const Target& target);

/// log |dz / dw|.
double log_volume(const Whitening& whitening);

/// From a mode and the curvature there.
Whitening whitening_at(const Mode& mode);

/// From the mode that an ascent from `start` finds; where there is none, from a walk.
Whitening whiten(const Target& target, const Vector& start, Rng& rng);

/// From the mean and the covariance of slice updates (Neal 2003) that begin at a point of finite
/// density.
Whitening whiten_by_walk(const Target& target, Vector start, Rng& rng);

}  // namespace tarn::collapsed
