// The parts of the check; each adds its findings, tables and figures.
#pragma once

#include <cstddef>

#include "calibration.hpp"
#include "loo_pit.hpp"
#include "replicates.hpp"
#include "tarn/diagnostic.hpp"
#include "tarn/statistics/quantile.hpp"

namespace tarn::predictive_check {

using statistics::quantile;

/// Statistics of the response against those of its replicates.
void add_statistics(const Fit& fit, const Replicated& replicated, Report& report);

/// The same of the means and standard deviations of each group; the `worst` in a table.
void add_groups(const Fit& fit, const Replicated& replicated, std::size_t worst, Report& report);

/// Density and distribution function over those of at most 50 replicates; the difference with a
/// band that 95 % of the replicates stay in.
void add_curves(const Fit& fit, const Replicated& replicated, Report& report);

/// Of whole numbers: how often each occurs.
void add_frequencies(const Fit& fit, const Replicated& replicated, Report& report);

void add_loo_pit(const Fit& fit, const LooPit& loo, Report& report);

/// Of probabilities and proportions: whether they are as often right as they say.
void add_calibration(const Fit& fit, const Reliability& found, Report& report);

/// What the priors say of the response before the data do.
void add_prior(const Fit& fit, const Matrix& thetas, Report& report);

}  // namespace tarn::predictive_check
