// Average and conditional slopes: dE[y] / dx.
#pragma once

#include "answers/answer_table.hpp"
#include "answers/grid_question.hpp"

namespace tarn::launcher {

/// Of the question's first name, a column of numbers. Without --at the average over the rows of the
/// data, by the levels of the other names (rows of each level); with --at the slopes on the grid.
AnswerTable slopes(const LoadedFit& fit, const Predictors& predictors, GridQuestion question);

}  // namespace tarn::launcher
