// Responses drawn anew from the posterior: as many rows as the data, a few hundred times.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "shape.hpp"
#include "tarn/diagnostic.hpp"
#include "tarn/model.hpp"

namespace tarn::predictive_check {

/// Some draws of theta, evenly spaced over all chains; a column is a draw.
Matrix some_draws(const Draws& posterior, std::size_t most);

/// The response and its replicates, of which only shapes are kept.
struct Replicated {
  Grid grid;
  Shape data;
  std::vector<Shape> replicates;
};

/// One replicate for each column of `thetas`. Same seed, same replicates, whatever the threads.
/// Rows are passed over once by each thread.
Replicated replicate(const Fit& fit, const Matrix& thetas);

/// Calls work(part, thread) for all parts, on at most so many threads; rethrows the first
/// exception.
void share_out(std::size_t parts, std::size_t threads,
               const std::function<void(std::size_t part, std::size_t thread)>& work);

}  // namespace tarn::predictive_check
