// Curves of the expected response over a predictor, the others held or averaged over the data.
#pragma once

#include <cstddef>

#include "answers/answer_table.hpp"
#include "answers/grid_question.hpp"

namespace tarn::launcher {

struct EffectsPlan {
  std::size_t points = 101;  // of a curve over numbers
  bool average = false;      // over the rows of the data, instead of holding the others
};

/// Of the question's names: the first in full (its range, or all levels), by levels of the others
/// or at their mean and one sd about it. `axis`: the first one, for pictures.
struct Effect {
  AnswerTable table;
  std::vector<GridAxis> axes;  // those of the table's columns
  bool curve = false;          // the first axis is one of numbers

  /// Of a curve some points, evenly spaced; so many rows at the most.
  std::vector<std::size_t> rows_to_show(std::size_t most) const;
};
Effect effect(const LoadedFit& fit, const Predictors& predictors, GridQuestion question,
              const EffectsPlan& plan);

/// The stated axes that have one value, moved to the text of what is held.
std::vector<GridAxis> shown_axes(const std::vector<GridAxis>& axes,
                                 const std::vector<std::string>& named, std::string& held);

}  // namespace tarn::launcher
