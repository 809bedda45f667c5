// Responses and their expectations for rows, from the draws of a fit, a block of rows at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "tarn/diagnostic.hpp"
#include "tarn/formula.hpp"

namespace tarn {

/// What is predicted of a row, in each draw.
enum class PredictionScale {
  response,  // y, drawn
  mean,      // E[y | theta]
  link       // the linear predictor, the offset included
};

/// What rows of a level get that the fit has not seen.
enum class NewLevels {
  refused,
  population,  // its centre: no effects
  sample,      // effects drawn from the population, in each draw anew
  average      // the mean over all effects that the population has; of PredictionScale::mean
};

struct PredictionPlan {
  PredictionScale scale = PredictionScale::response;
  NewLevels new_levels = NewLevels::refused;
  bool no_groups = false;  // every row at the population's centre
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::size_t block_bytes = std::size_t{64} << 20;  // of one block's predictions
};

/// Predictions for rows first, first + 1, ...: a column is a row, its rows all draws of chain 0,
/// then of chain 1, ..., on the scale of the formula's left side. `rows` are what they are for.
using PredictionBlock =
    std::function<void(std::size_t first, const Rows& rows, ConstMatrixRef draws)>;

/// For the rows of the fit: the same bits from the same draws and seed, on any number of threads.
/// Throws PluginError where the model does not offer Predictive, Expectation or LinearPredictor.
void predict(const FittedModel& model, const Draws& posterior, const PredictionPlan& plan,
             const PredictionBlock& visit);

/// For new rows. Throws InputError for a level that the fit has not seen where that is refused, and
/// PluginError where the model does not offer NewGroups, or LinearPredictor to average over them,
/// and they are needed.
void predict(const FittedModel& model, const Draws& posterior, const NewRows& rows,
             const PredictionPlan& plan, const PredictionBlock& visit);

}  // namespace tarn
