// Where the chains of a run start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tarn/model.hpp"

namespace tarn {

struct Starts {
  std::vector<Vector> points;  // one for each chain
  bool around_modes = false;   // of several modes by turns
};

/// Points of finite density, apart from each other. Candidates come from Model::start(), and are
/// taken by turns, as far apart as can be (Kennard & Stone 1969): in the logarithms of population
/// parameters that are positive, in standard units of those that are real. Some of them climb to
/// the modes of the density of what the model keeps, or of all of theta where it keeps nothing and
/// has no group effects. Where there are several that may weigh 1 %, chains start around them by
/// turns, so that chains which cannot leave a mode disagree. Throws PluginError, naming the model,
/// where 100 candidates have no finite density.
Starts dispersed_starts(Model& model, const std::string& name, std::uint64_t seed,
                        std::size_t chains);

}  // namespace tarn
