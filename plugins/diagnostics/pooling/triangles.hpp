// The rows of every group, reduced to a triangle of the group's own columns and a response.
#pragma once

#include <vector>

#include "groups.hpp"
#include "tarn/factor.hpp"

namespace tarn::pooling {

/// Of each level: [R_j t_j; 0 rest] with R_j q x q, of the weighted rows z_i and e_i = y_i less the
/// posterior mean of everything but this grouping's effects.
struct Triangles {
  std::vector<TriangularFactor> levels;
  Vector count;

  /// Least squares r_j of level j; NaN where R_j is not of full rank.
  Vector solve(std::size_t level) const;
};

Triangles triangles_of(const Design& design, std::size_t grouping, const Means& means);

}  // namespace tarn::pooling
