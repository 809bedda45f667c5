// The mean of the response over all levels that a population may have.
#pragma once

#include <cstddef>
#include <span>

#include "tarn/model.hpp"

namespace tarn {

/// E[y | theta] of rows whose levels of these groupings are new, the mean taken over their effects
/// too: over eta ~ N(m, v) of one number, however many groupings and slopes there are. No
/// groupings: E[y | theta].
void population_mean(Model& model, ConstVectorRef theta, const Rows& rows,
                     std::span<const std::size_t> groupings, VectorRef mean);

}  // namespace tarn
