// A global search for the modes of a density.
#pragma once

#include <vector>

#include <tarn/target.hpp>

#include "whitening.hpp"

namespace tarn::collapsed {

/// Whether the log density rises along the straight line, but for dips too small to part two modes.
bool rises(const Target& target, const Vector& from, const Vector& to);

/// The corners of a lattice that are no lower than their neighbours, highest first. One or two
/// dimensions. The lattice reaches far around the first start and around all the others; its points
/// lie so close that a mode of a log standard deviation has a corner of its own.
std::vector<Vector> lattice_peaks(const Target& target, const std::vector<Vector>& starts);

/// What the density looks like around the modes that ascents find besides the one that is known.
/// They begin at `starts`, of which the first knows the scale of the data, and between them.
std::vector<Whitening> other_modes(const Target& target, const Whitening& known,
                                   const std::vector<Vector>& starts);

}  // namespace tarn::collapsed
