// Where a fitted mixture begins: all modes that a search finds.
#pragma once

#include <memory>
#include <vector>

#include <tarn/target.hpp>

#include "proposal.hpp"
#include "t_mixture.hpp"
#include "whitening.hpp"

namespace tarn::collapsed {

struct Modes {
  Whitening whitening;                          // of the weightiest
  std::shared_ptr<const Proposal> split;        // a split t around each, by its mass
  std::vector<TMixture::Component> components;  // a t for each; none where there is one mode
};

/// Masses are by Laplace's approximation.
Modes split_around_modes(const Target& target, const Whitening& known,
                         const std::vector<Vector>& starts);

}  // namespace tarn::collapsed
