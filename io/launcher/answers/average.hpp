// Averages over rows of data, draw by draw, a block of rows at a time.
#pragma once

#include <string>
#include <vector>

#include "answers/grid.hpp"
#include "answers/linear_draws.hpp"

namespace tarn::launcher {

/// The mean of E[y] (or of the predictor) over the rows that `chosen` takes, by their place; empty:
/// all. Where the value is linear in the row, of the mean row.
Vector average_over(LinearDraws& draws, const RowSource& source, bool on_link,
                    const std::vector<bool>& chosen = {});

/// The data of the fit with some columns set to one value of these axes each.
std::shared_ptr<const Table> data_with(const LoadedFit& fit, const std::vector<GridAxis>& axes,
                                       const std::vector<std::size_t>& places);

/// The data of the fit with a column of numbers moved by so much.
std::shared_ptr<const Table> data_moved(const LoadedFit& fit, const std::string& column, double by);

/// Rows of the fit whose column has this level (its text, or its number).
std::vector<bool> rows_with(const LoadedFit& fit, const GridAxis& axis, std::size_t place);

}  // namespace tarn::launcher
