// Responses drawn anew from the posterior: as many rows as the data, a few hundred times.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "shape.hpp"
#include "tarn/diagnostic.hpp"
#include "tarn/family.hpp"
#include "tarn/model.hpp"

namespace tarn::predictive_check {

/// Some draws of theta, evenly spaced over all chains; a column is a draw.
Matrix some_draws(const Draws& posterior, std::size_t most);

/// The response and its replicates, of which only shapes are kept.
struct Replicated {
  ResponseKind kind;
  std::vector<std::string> labels;  // of the bins, where these are values with names
  Grid grid;
  Shape data;
  std::vector<Shape> replicates;
};

/// That of the design's family; without trials() successes are binary.
ResponseKind kind_of(const Design& design);

/// Whether bins hold whole numbers.
bool is_whole(ResponseKind kind);

/// One replicate for each column of `thetas`. Same seed, same replicates, whatever the threads.
/// Rows are passed over once by each thread.
Replicated replicate(const Fit& fit, const Matrix& thetas);

}  // namespace tarn::predictive_check
