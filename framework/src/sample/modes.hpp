// The modes of a density that ascents from given points reach, and about how much each weighs.
#pragma once

#include <vector>

#include "tarn/target.hpp"

namespace tarn {

struct Mode {
  Vector z;           // free coordinates
  Matrix root;        // of the covariance that the curvature gives: lower triangular
  double log_weight;  // of the mass around it (Laplace)
};

/// Different modes, the heaviest first, those that weigh less than `least` of all left out. The
/// target has a gradient. An ascent that does not reach a maximum counts for nothing.
std::vector<Mode> modes_from(const Target& target, const std::vector<Vector>& points, double least);

}  // namespace tarn
