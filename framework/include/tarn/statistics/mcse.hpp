// Monte Carlo standard errors.
#pragma once

#include <span>

#include "tarn/vector.hpp"

namespace tarn::statistics {

double mcse_mean(double sd, double ess_of_mean);

/// From the kurtosis (Kenney & Keeping 1951): x less its mean, and the effective draws of its
/// squares.
double mcse_sd(ConstVectorRef centred, double ess_of_squares);

/// Half the distance of the order statistics that bound the quantile with probability 68 %, as
/// Beta(ess p + 1, ess (1 - p) + 1) has it (Vehtari et al. 2021, section 4).
double mcse_quantile(std::span<const double> ascending, double probability, double ess);

}  // namespace tarn::statistics
