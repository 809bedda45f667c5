// Marginal means over a reference grid, as emmeans defines them, and differences of pairs.
#pragma once

#include "answers/answer_table.hpp"
#include "answers/grid_question.hpp"

namespace tarn::launcher {

struct MeansPlan {
  bool average_on_response = false;  // else on the link, then transformed
  bool data_weights = false;         // levels that are averaged over by their rows, else equally
  bool pairs = false;
};

struct MarginalMeans {
  AnswerTable means;
  AnswerTable pairs;  // of the first factor's levels, within those of the others
};

/// Of the question's names: a mean for each combination of their levels.
MarginalMeans marginal_means(const LoadedFit& fit, const Predictors& predictors,
                             GridQuestion question, const MeansPlan& plan);

}  // namespace tarn::launcher
