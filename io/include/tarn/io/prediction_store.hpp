// Predictions to HDF5, in the layout of ArviZ's InferenceData (docs/chain-file.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "tarn/io/chain_store.hpp"
#include "tarn/vector.hpp"

namespace tarn::io {

/// What is predicted, and from what.
struct PredictionsOf {
  /// Groups predictions and predictions_constant_data; else posterior_predictive beside
  /// observed_data and constant_data, as of the rows of the fit.
  bool out_of_sample = true;
  std::string variable = {};   // the response, or yhat
  std::string describes = {};  // in a few words
  std::size_t chains = 0, draws = 0;
  FitData data = {};         // the rows
  std::string name = {};     // of the model
  std::string fit_sha = {};  // tarn_config_sha256 of the fit
  std::uint64_t seed = 0;
};

/// Writes beside OUT and renames when all is there. Used from one thread.
class PredictionWriter {
 public:
  /// Throws IoError (folder missing or not writable, disk full) or UsageError (OUT exists).
  PredictionWriter(std::filesystem::path out, const PredictionsOf& what, bool force);
  ~PredictionWriter();  // without finish() nothing is left

  /// Rows first, first + 1, ...: a column is a row, all draws of chain 0 first. Throws IoError.
  void write(std::size_t first, ConstMatrixRef draws);

  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tarn::io
