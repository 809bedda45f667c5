// Cubic interpolation on a grid.
#pragma once

#include <array>
#include <vector>

namespace tarn::collapsed {

/// The nodes and weights by which the cubic polynomial through four nodes gives a value between
/// two of them (Lagrange). An axis of a single node has itself.
struct Stencil {
  int cell;   // the value is between this node and the next
  int first;  // node
  int nodes;
  std::array<double, 4> weight;
};

/// At the nodes 0, 1, ... of an axis, one or at least four of them, and `steps` - 1 places between
/// each two.
std::vector<Stencil> stencils(int nodes, int steps);

}  // namespace tarn::collapsed
