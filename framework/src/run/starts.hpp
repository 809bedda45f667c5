// Where the chains of a run start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tarn/model.hpp"

namespace tarn {

/// A point of finite density. All chains propose the same candidates, by Model::start(), and each
/// takes another: the first two are those that lie farthest apart, every next one is as far as can
/// be from those taken (Kennard & Stone 1969). Distances are those of population parameters: of
/// logarithms where they are positive, of standard units where they are real. Throws PluginError,
/// naming the model, where 100 candidates have no finite density.
Vector dispersed_start(Model& model, const std::string& name, std::uint64_t seed,
                       std::size_t chain);

}  // namespace tarn
