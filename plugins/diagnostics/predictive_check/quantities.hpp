// Which statistics are compared, by the kind of the response, and what to do where they differ.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "replicates.hpp"

namespace tarn::predictive_check {

/// One number of a response.
struct Quantity {
  Statistic statistic;
  std::string name;
  std::string in_sentences;  // after "the"
  bool basic = false;        // the model has parameters for it
  std::function<double(const Shape&)> of;
};

std::vector<Quantity> quantities_of(const Replicated& replicated);

/// "mean, standard deviation, extremes and skewness".
std::string like_in(ResponseKind kind);

/// What to try where the data have more of it than the replicates, or less.
std::string advice(const Quantity& quantity, bool data_greater, const Replicated& replicated,
                   const Design& design);

/// Where groups' standard deviations differ from those of the replicates.
std::string spread_advice(const Design& design, const std::string& grouping);

/// Where the shape of the distribution differs: what may fit better.
std::string shape_advice(const Design& design);

/// Where predictions are too narrow or too wide.
std::string width_advice(const Design& design);

}  // namespace tarn::predictive_check
