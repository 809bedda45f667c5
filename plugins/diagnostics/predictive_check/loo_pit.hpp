// Where each row lies in its predictive distribution given all other rows.
#pragma once

#include <cstddef>
#include <vector>

#include "tarn/diagnostic.hpp"

namespace tarn::predictive_check {

struct LooPit {
  std::vector<std::size_t> rows;  // those looked at, among the rows used
  std::vector<double> pit;        // uniform if the model is right
  std::size_t unreliable = 0;     // rows whose Pareto k is too large for their weights
};

/// P(new y_i < y_i | all rows but i), the draws weighted by Pareto-smoothed 1 / p(y_i | theta)
/// (Gelfand, Dey & Chang 1992; Gabry et al. 2019). Where the model declares its density a
/// probability mass, V P(new y_i = y_i | all rows but i) is added, V uniform (Czado, Gneiting &
/// Held 2009). At most so many rows, evenly spaced, and draws.
LooPit loo_pit(const Fit& fit, std::size_t most_rows, std::size_t most_draws);

}  // namespace tarn::predictive_check
