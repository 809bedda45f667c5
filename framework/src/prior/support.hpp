// Which densities a parameter may have.
#pragma once

#include <optional>
#include <string>

#include "tarn/prior.hpp"

namespace tarn {

/// Why the density cannot be a prior of the parameter, or nothing.
std::optional<std::string> misfit(const Parameter& parameter, const Density& density);

}  // namespace tarn
