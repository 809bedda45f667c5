// The likelihood of a family that has no closed form, over all rows.
#pragma once

#include "regression/regression.hpp"

namespace tarn::regression {

/// log p(y | b, r, psi), and its derivatives with respect to the three (coefficients in working
/// coordinates).
double family_log_likelihood(const Design& design, const Terms& terms,
                             const ParameterPredictors& predictors, const State& now);
double family_log_likelihood_gradient(const Design& design, const Terms& terms,
                                      const ParameterPredictors& predictors, const State& now,
                                      State& slope);

/// A start about the middle of the predictor, on its scale.
void start_anywhere(const Design& design, const Terms& terms, const FamilyParameters& psi,
                    State& now, Rng& rng);

}  // namespace tarn::regression
