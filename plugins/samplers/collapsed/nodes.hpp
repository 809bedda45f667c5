// How many quadrature nodes a numerical marginal density needs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tarn/model.hpp>
#include <tarn/target.hpp>

namespace tarn::collapsed {

/// Nodes, and the greatest error at places of the density.
struct Nodes {
  std::size_t count = 0;  // 0: no quadrature
  double error = 0;

  /// For people: "7 quadrature nodes, error 2e-4"; empty where there is none.
  std::string plan() const;
};

/// The fewest nodes whose error is below 1e-3 at all places (free coordinates), which are set; most
/// where there are none.
Nodes choose_nodes(Model& model, const Target& target, const std::vector<Vector>& places);

}  // namespace tarn::collapsed
