// How much of the variance is explained: R², shares of groupings, intraclass correlations.
#pragma once

#include <string>

#include "answers/answer_table.hpp"
#include "answers/grid_question.hpp"

namespace tarn::launcher {

struct RSquared {
  AnswerTable r2;
  AnswerTable variances;  // of the predictor's parts, on its scale
  AnswerTable icc;        // by grouping; empty without groups
};

/// `residual_based`: brms' definition beside the modelled variances. With --at of the question the
/// variances of groups are those of the grid's rows, else of the data's.
RSquared r_squared(const LoadedFit& fit, const Predictors& predictors, const GridQuestion& question,
                   bool residual_based);

}  // namespace tarn::launcher
