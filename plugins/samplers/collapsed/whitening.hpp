// Coordinates in which a density is about round.
#pragma once

#include <tarn/rng.hpp>
#include <tarn/target.hpp>

/// z = centre + forward w: w is about standard normal.
struct Whitening {
  tarn::Vector centre;
  tarn::Matrix forward;
  tarn::Matrix backward;  // its inverse
};

/// From the mode and the curvature there; where there is none, from a walk.
Whitening whiten(const tarn::Target& target, const tarn::Vector& start, tarn::Rng& rng);

/// From the mean and the covariance of slice updates (Neal 2003) that begin at a point of finite
/// density.
Whitening whiten_by_walk(const tarn::Target& target, tarn::Vector start, tarn::Rng& rng);
