// Grids that hold all of a density of one or two dimensions, one around each mode.
#pragma once

#include <vector>

#include <tarn/target.hpp>

#include "mode_mixture.hpp"

namespace tarn::collapsed {

/// Around the mode that is known, and around each that the search finds besides.
std::vector<ModeMixture::Part> grids(const Target& target, const Whitening& known,
                                     const std::vector<Vector>& starts);

}  // namespace tarn::collapsed
