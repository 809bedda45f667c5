// Moves of the latent variables: Hamiltonian paths that rotate their normal approximation.
#pragma once

#include <tarn/model.hpp>
#include <tarn/rng.hpp>

namespace tarn::pivot {

/// xi with its density p(y, phi, xi) at the place.
struct Latents {
  Vector xi;
  double log_density = 0;
};

/// About a quarter turn in the plane of position and momentum, which for the normal approximation
/// alone is an independent draw; in between, `kicks` by the gradient of what it leaves over
/// (Shahbaba, Lan, Johnson & Neal 2014; Beskos et al. 2011). Returns the acceptance probability.
double rotate(PivotPlace& place, int kicks, Latents& now, Rng& rng);

}  // namespace tarn::pivot
