// A grid for each mode that the grids before it do not hold.
#include "grids.hpp"

#include <algorithm>
#include <utility>

#include "grid_proposal.hpp"
#include "search.hpp"

namespace tarn::collapsed {
namespace {

constexpr std::size_t most_modes = 8;

ModeMixture::Part grid_around(const Whitening& whitening, const Target& target) {
  const Eigen::Index d = target.size();
  GriddedDensity grid(static_cast<int>(d), seen_from(whitening, target));
  return {grid.log_mass() + log_volume(whitening), whitening,
          std::make_shared<GridProposal>(std::move(grid), d)};
}

/// Whether a grid knows that the density is as high as it is at `z`.
bool holds(const ModeMixture::Part& part, const Target& target, const Vector& z) {
  constexpr double short_of = 1;  // where log densities are interpolated
  const Vector w = part.whitening.backward * (z - part.whitening.centre);
  const double log_mass = part.log_mass - log_volume(part.whitening);
  return part.proposal->log_density(w) + log_mass > target.log_density(z) - short_of;
}

}  // namespace

std::vector<ModeMixture::Part> grids(const Target& target, const Whitening& known,
                                     const std::vector<Vector>& starts) {
  std::vector<ModeMixture::Part> parts = {grid_around(known, target)};
  const auto held = [&](const Vector& z) {
    return std::ranges::any_of(parts, [&](const auto& part) { return holds(part, target, z); });
  };
  Rng rng(Stream{.chain = 1, .purpose = Purpose::pilot});
  for (const Vector& peak : lattice_peaks(target, starts)) {
    if (parts.size() == most_modes) break;
    if (held(peak)) continue;
    const Whitening whitening = whiten(target, peak, rng);
    if (!held(whitening.centre)) parts.push_back(grid_around(whitening, target));
  }
  keep_weighty(parts);
  return parts;
}

}  // namespace tarn::collapsed
