// The rows that tarn predict is asked for.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "fits/load.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/prediction.hpp"

namespace tarn::launcher {

/// The rows, and where they come from. `data` has all of them, also those that cannot be predicted.
struct PredictionTarget {
  std::optional<NewRows> fresh;          // none: the rows of the fit
  std::vector<std::size_t> row_numbers;  // of those that can be predicted
  io::FitData data;
  bool observed = false;                      // the response is there too
  std::shared_ptr<const Table> shown = {};    // columns that stand before the numbers
  std::vector<std::string> shown_names = {};  // those of them in text: a page is narrow
};

/// Those of NEWDATA, of the grid of --at, or of the fit. Says what a grid holds, and notes on new
/// data.
PredictionTarget prediction_target(const Arguments& arguments, const LoadedFit& fit,
                                   const PredictionPlan& plan);

}  // namespace tarn::launcher
