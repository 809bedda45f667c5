// A gridded density, and a little of a wide t that reaches where the grid ends.
#pragma once

#include "gridded_density.hpp"
#include "multivariate_t.hpp"
#include "proposal.hpp"

namespace tarn::collapsed {

class GridProposal final : public Proposal {
 public:
  explicit GridProposal(GriddedDensity grid, Eigen::Index dimensions);

  Point draw(Rng& rng) const override;
  double log_density(const Point& w) const override;

 private:
  GriddedDensity grid_;
  MultivariateT tail_;
};

}  // namespace tarn::collapsed
