// Where searches for modes begin.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <tarn/model.hpp>
#include <tarn/target.hpp>

namespace tarn::collapsed {

/// The same for all seeds and chains: starts of the model, which know the scales of the data, and
/// draws from its prior, which know its own; those of finite density, in free coordinates.
/// `to_target`: a draw's values on the natural side of the target. Throws PluginError where no
/// start has a finite density.
std::vector<Vector> starting_points(
    Model& model, const Target& target,
    const std::function<void(ConstVectorRef theta, VectorRef phi)>& to_target, std::size_t starts,
    std::size_t prior_draws);

}  // namespace tarn::collapsed
