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

/// P(new y_i < y_i | all rows but i) + V P(new y_i = y_i | all rows but i), V uniform and of each
/// row its own (Gelfand, Dey & Chang 1992; Czado, Gneiting & Held 2009; Gabry et al. 2019). Both
/// given the other rows of the level, its effects integrated out, where the model offers
/// MarginalRowDistribution; else by ResponseDistribution, and where a model has none by counting
/// what it predicts, equal ones only where it declares its density a probability mass. Draws are
/// weighted by the Pareto-smoothed inverse of the row's density. At most so many rows, evenly
/// spaced (whole levels where others of a level are needed), and draws.
LooPit loo_pit(const Fit& fit, std::size_t most_rows, std::size_t most_draws);

}  // namespace tarn::predictive_check
