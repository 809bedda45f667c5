// Answers as figures, in the report's templates.
#pragma once

#include "answers/answer_table.hpp"
#include "answers/effects.hpp"
#include "tarn/figure.hpp"

namespace tarn::launcher {

/// A point and its interval for each row that has a value.
Figure estimates_figure(const AnswerTable& table, const Interval& interval);

/// Curves with bands over the rows of the data, or as above where the first axis is a factor.
Figure effect_figure(const LoadedFit& fit, const GridQuestion& question, const Effect& effect);

}  // namespace tarn::launcher
