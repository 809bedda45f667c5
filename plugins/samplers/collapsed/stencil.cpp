// Weights of cubic interpolation.
#include "stencil.hpp"

#include <algorithm>

namespace tarn::collapsed {

std::vector<Stencil> stencils(int nodes, int steps) {
  if (nodes == 1) return {{0, 0, 1, {1, 0, 0, 0}}};
  std::vector<Stencil> all;
  for (int k = 0; k <= (nodes - 1) * steps; ++k) {
    const int cell = std::min(k / steps, nodes - 2);
    const int first = std::clamp(cell - 1, 0, nodes - 4);
    const double t = static_cast<double>(k) / steps - first;
    all.push_back({cell,
                   first,
                   4,
                   {-(t - 1) * (t - 2) * (t - 3) / 6, t * (t - 2) * (t - 3) / 2,
                    -t * (t - 1) * (t - 3) / 2, t * (t - 1) * (t - 2) / 6}});
  }
  return all;
}

}  // namespace tarn::collapsed
