// The columns of the data that a formula predicts from, and what a reference grid holds them at.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fits/load.hpp"

namespace tarn::launcher {

/// One column of the data, over the rows of the fit.
struct Predictor {
  std::string name;
  bool is_text = false;
  bool is_factor = false;           // text, or numbers in factor() and the like
  bool is_trials = false;           // of trials() alone: held at 1
  std::vector<std::string> levels;  // of a factor, the reference first
  std::vector<double> numbers;      // what these are in a column of numbers
  double mean = 0, sd = 0, least = 0, most = 0, median = 0;
  bool two_valued = false;  // numbers of two values, `least` and `most`
};

class Predictors {
 public:
  /// Of the formula's right side, groupings apart, and of trials() and se(); in the order of the
  /// data.
  explicit Predictors(const LoadedFit& fit);

  const std::vector<Predictor>& all() const noexcept { return all_; }
  const std::vector<Predictor>& groupings() const noexcept { return groupings_; }

  /// Columns that groupings are made of; a predictor may be one, too.
  const std::vector<std::string>& grouping_columns() const noexcept { return grouping_columns_; }

  /// Throws UsageError for a column that is not there or has no part in the model, with the nearest
  /// name. `with_groupings`: those that only group may be named, too.
  const Predictor& at(const std::string& name, bool with_groupings = false) const;

 private:
  std::vector<Predictor> all_;
  std::vector<Predictor> groupings_;  // columns that only group
  std::vector<std::string> grouping_columns_;
  std::string response_;
};

}  // namespace tarn::launcher
