// Proposals around several modes of a density, each in coordinates of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proposal.hpp"
#include "whitening.hpp"

namespace tarn::collapsed {

/// A mixture of proposals, seen from the coordinates of the first.
class ModeMixture final : public Proposal {
 public:
  struct Part {
    double log_mass;  // of the density around this mode, up to a constant that all parts share
    Whitening whitening;
    std::shared_ptr<const Proposal> proposal;
  };

  /// Weights are in proportion to the masses.
  explicit ModeMixture(const std::vector<Part>& parts);

  Point draw(Rng& rng) const override;
  double log_density(const Point& w) const override;

 private:
  /// v = to w + shift are the coordinates of a part, and w = from (v - shift).
  struct Placed {
    double weight;
    double log_weight;  // and the determinant of `to`
    Square to;
    Square from;
    Point shift;
    std::shared_ptr<const Proposal> proposal;
  };

  std::vector<Placed> parts_;
};

/// Drops the modes of next to no mass and puts the weightiest first.
void keep_weighty(std::vector<ModeMixture::Part>& parts);

/// The only part's proposal, or their mixture.
std::shared_ptr<const Proposal> combined(const std::vector<ModeMixture::Part>& parts);

/// For people: " around 2 modes", or nothing where there is one.
std::string around_modes(std::size_t modes);

}  // namespace tarn::collapsed
