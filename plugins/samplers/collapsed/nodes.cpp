// Raising the number of nodes until more change nothing.
#include "nodes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tarn::collapsed {

std::string Nodes::plan() const {
  if (count == 0) return {};
  const std::string plan = fmt::format("{} quadrature nodes, error {:.0e}", count, error);
  constexpr double large = 0.01;  // of a log density: quantiles of sds begin to move
  return error > large ? plan + ", too few for such effects: compare --sampler pivot" : plan;
}

Nodes choose_nodes(Model& model, const Target& target, const std::vector<Vector>& places) {
  constexpr double small = 1e-3;  // of a log density
  auto* marginal = query<NumericalMarginal>(model);
  if (marginal == nullptr || marginal->nodes() == 0) return {};
  Vector phi(target.natural_size());
  Nodes nodes;
  for (const std::size_t count : {5, 7, 9, 11, 15, 21, 25}) {
    marginal->set_nodes(count);
    nodes = {count, 0};
    for (const Vector& place : places) {
      target.to_natural(place, phi);
      nodes.error = std::max(nodes.error, marginal->quadrature_error(phi));
      if (nodes.error > small) break;
    }
    if (nodes.error <= small) break;
  }
  return nodes;
}

}  // namespace tarn::collapsed
