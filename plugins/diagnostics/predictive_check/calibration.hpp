// Whether probabilities, and expected proportions, are as often right as they say.
#pragma once

#include <cstddef>
#include <vector>

#include "tarn/diagnostic.hpp"
#include "tarn/vector.hpp"

namespace tarn::predictive_check {

/// What the draws say of some rows given the other rows (weights as of the LOO-PIT, of whole
/// draws).
struct Predicted {
  Vector mean;                 // of each row
  Vector observed;             // y; of successes y / trials
  Vector weight;               // 1; of successes trials
  Matrix replicates;           // rows x responses that the model makes in its place
  std::size_t unreliable = 0;  // rows whose Pareto k is too large
};

Predicted predicted(const Fit& fit, std::size_t most_rows, std::size_t most_draws);

/// Isotonic least squares of y on x with weights, at each x; equal x have one value. By pooling
/// adjacent violators (Ayer et al. 1955; de Leeuw, Hornik & Mair 2009).
Vector isotonic(const Vector& x, const Vector& y, const Vector& weight);

/// The reliability diagram by isotonic regression, with its band, and the mean squared error split
/// into miscalibration - discrimination + uncertainty (Dimitriadis, Gneiting & Jordan 2021).
struct Reliability {
  std::vector<double> mean, recalibrated, lower, upper;  // at some means, ascending
  std::vector<double> all;                               // means of all rows
  std::size_t rows = 0, unreliable = 0, replicates = 0;
  double score = 0, miscalibration = 0, discrimination = 0, uncertainty = 0;
  double p = 0;  // share of replicates with more miscalibration, ties by half
};

Reliability reliability(const Predicted& predicted);

}  // namespace tarn::predictive_check
