// The prior of a single element of the draws, where it is a density of one variable.
#pragma once

#include <cstddef>
#include <functional>

#include "tarn/diagnostic.hpp"
#include "tarn/layout.hpp"

namespace tarn::convergence {

/// On the scale of the draws; empty where the prior is improper, depends on other parameters, or is
/// none of one variable.
std::function<double(double)> prior_density(const FittedModel& model, const Layout& layout,
                                            std::size_t block, std::size_t element);

}  // namespace tarn::convergence
