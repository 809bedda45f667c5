// The reference grid: rows of data that nobody observed, at stated values of the predictors.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "answers/predictors.hpp"
#include "tarn/formula.hpp"
#include "tarn/table.hpp"

namespace tarn::launcher {

/// The values that one column takes in turn.
struct GridAxis {
  std::string column;
  std::vector<std::string> texts;  // as they are shown; levels of text
  std::vector<double> numbers;     // of a column of numbers
  bool is_text = false;

  std::size_t size() const { return texts.size(); }
};

/// `Time = 0:21 by 3; Diet`: values, numbers of which may be computed from mean, sd, min, max and
/// median of the column; a name alone: all levels, or mean - sd, mean and mean + sd. Throws
/// UsageError: unknown column (nearest name), a level that is not there, numbers that are none.
std::vector<GridAxis> read_at(const std::string& text, const Predictors& predictors,
                              bool with_groupings);

/// All levels; the range in so many even steps; mean and one sd about it.
GridAxis all_levels(const Predictor& predictor);
GridAxis whole_range(const Predictor& predictor, std::size_t points);
GridAxis about_mean(const Predictor& predictor);

/// The two values of a two-valued column of numbers.
GridAxis both_values(const Predictor& predictor);

/// What the other predictors are held at: the mean, the first level, one trial.
GridAxis held(const Predictor& predictor);

/// Axes crossed, the first slowest, and the others held.
struct Grid {
  std::vector<GridAxis> axes;      // those that vary
  std::vector<GridAxis> constant;  // and those that do not
  std::shared_ptr<const Table> table;
  NewRows rows;

  std::size_t size() const { return table->rows; }

  /// The text of an axis in a row, from 0.
  const std::string& cell(std::size_t row, std::size_t axis) const;

  /// Why a row cannot be predicted; empty where it can.
  std::vector<std::string> missing() const;

  /// `x = 2.01 (mean), arm = a (first level)`
  std::string held_text() const;
};

/// Throws UsageError where there are more rows than anybody reads. `rule`: what groups get.
Grid make_grid(const LoadedFit& fit, const Predictors& predictors, std::vector<GridAxis> axes,
               MissingGroup rule);

}  // namespace tarn::launcher
