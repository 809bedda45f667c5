// Proposals from a gridded density and a wide t.
#include "grid_proposal.hpp"

#include <cmath>
#include <utility>

namespace tarn::collapsed {
namespace {
constexpr double tail_share = 0.02;
constexpr double tail_degrees = 4;
constexpr double tail_scale = 2;
}  // namespace

GridProposal::GridProposal(GriddedDensity grid, Eigen::Index dimensions)
    : grid_(std::move(grid)),
      tail_(tail_degrees, Point::Zero(dimensions),
            tail_scale * tail_scale * Square::Identity(dimensions, dimensions)) {}

Point GridProposal::draw(Rng& rng) const {
  return rng.uniform() < tail_share ? tail_.draw(rng) : grid_.draw(rng);
}

double GridProposal::log_density(const Point& w) const {
  return std::log((1 - tail_share) * grid_.density(w) +
                  tail_share * std::exp(tail_.log_density(w)));
}

}  // namespace tarn::collapsed
