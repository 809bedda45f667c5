// The mode of a density and its curvature there.
#pragma once

#include <optional>

#include <tarn/target.hpp>

namespace tarn::collapsed {

/// Where the log density is greatest, and its negative Hessian there by eigenvectors.
struct Mode {
  Vector at;
  Matrix directions;
  Vector curvature;  // along each; positive
};

/// Damped Newton steps with differenced derivatives, from a point of finite density. Meant for a
/// few dimensions. None where the density has no smooth mode: it is cut off, or rises for ever.
std::optional<Mode> find_mode(const Target& target, Vector start);

}  // namespace tarn::collapsed
