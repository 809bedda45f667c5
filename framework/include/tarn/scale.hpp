// Updates of standard deviations, for models with Gibbs steps.
#pragma once

#include "tarn/prior.hpp"
#include "tarn/rng.hpp"

namespace tarn {

/// Draws s > 0 from the density proportional to p(s) s^-count exp(-squares / (2 s^2)), the full
/// conditional of a standard deviation of `count` normal deviations with this sum of squares.
/// Inverse-gamma and flat priors: exactly (squares > 0). Any other: one slice update of log s from
/// `current` (Neal 2003).
double draw_scale(const ParameterPrior& prior, double count, double squares, double current,
                  Rng& rng);

/// A start at `guess`, which the data make, where the prior has its mass, or between the two;
/// spread by a factor of about e either way, inside the prior's support.
double start_scale(const ParameterPrior& prior, double guess, Rng& rng);

/// Throws InputError if a flat prior of a standard deviation meets so few groups that the posterior
/// is improper: its tail is sd^-(J - 1) (Gelman 2006, section 2.2).
void check_groups(const ParameterPrior& sd, Eigen::Index groups);

}  // namespace tarn
