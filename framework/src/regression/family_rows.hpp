// The likelihood of a family that has no closed form, over all rows.
#pragma once

#include "regression/regression.hpp"
#include "regression/row_likelihood.hpp"

namespace tarn::regression {

/// log p(y | b, r, psi), and its derivatives with respect to the three (coefficients in working
/// coordinates). One object serves one chain.
class FamilyRows {
 public:
  FamilyRows(const Design& design, const Terms& terms, const ParameterPredictors& predictors);

  double log_likelihood(const State& now);
  double log_likelihood_gradient(const State& now, State& slope);

 private:
  const Design& design_;
  const Terms& terms_;
  const ParameterPredictors& predictors_;
  RowLikelihood rows_;
  Vector eta_, by_row_, score_;  // of a block
  Matrix psi_, of_psi_;
};

/// A start about the middle of the predictor, on its scale.
void start_anywhere(const Design& design, const Terms& terms, const FamilyParameters& psi,
                    State& now, Rng& rng);

}  // namespace tarn::regression
