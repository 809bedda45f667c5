// Builds the grid as a table of data, so that the formula itself makes its rows.
#include "answers/grid.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "data/formula/language/node.hpp"
#include "fits/stored_configuration.hpp"
#include "report/numbers.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_grid_rows = 100'000;

GridAxis of_numbers(const Predictor& predictor, std::vector<double> numbers) {
  GridAxis axis{predictor.name, {}, std::move(numbers), false};
  for (const double x : axis.numbers) axis.texts.push_back(formula::number_text(x));
  return axis;
}

std::size_t cells_of(const std::vector<GridAxis>& axes) {
  std::size_t rows = 1;
  for (const GridAxis& axis : axes) {
    if (axis.size() > 0 && rows > most_grid_rows) break;
    rows *= axis.size();
  }
  return rows;
}

/// Places of an axis' values, row by row: the first axis is the slowest.
std::size_t place_in(const std::vector<GridAxis>& axes, std::size_t axis, std::size_t row) {
  std::size_t faster = 1;
  for (std::size_t k = axis + 1; k < axes.size(); ++k) faster *= axes[k].size();
  return row / faster % axes[axis].size();
}

Column column_of_axis(const GridAxis& axis, const std::vector<std::size_t>& places) {
  Column column{.name = axis.column, .is_text = axis.is_text};
  if (!axis.is_text) {
    for (const std::size_t place : places) column.numbers.push_back(axis.numbers[place]);
    return column;
  }
  column.levels = axis.texts;
  for (const std::size_t place : places) column.codes.push_back(static_cast<std::int32_t>(place));
  return column;
}

std::string how_held(const Predictor& predictor) {
  if (predictor.is_trials) return "one trial";
  return predictor.is_factor ? "first level" : "mean";
}

}  // namespace

GridAxis all_levels(const Predictor& predictor) {
  return {predictor.name, predictor.levels, predictor.numbers, predictor.is_text};
}

GridAxis whole_range(const Predictor& predictor, std::size_t points) {
  std::vector<double> numbers;
  const double width = predictor.most - predictor.least;
  for (std::size_t k = 0; k < points; ++k) {
    const double share = points == 1 ? 0 : static_cast<double>(k) / static_cast<double>(points - 1);
    numbers.push_back(k + 1 == points && k > 0 ? predictor.most : predictor.least + share * width);
  }
  return of_numbers(predictor, std::move(numbers));
}

GridAxis about_mean(const Predictor& predictor) {
  return of_numbers(predictor,
                    {predictor.mean - predictor.sd, predictor.mean, predictor.mean + predictor.sd});
}

GridAxis both_values(const Predictor& predictor) {
  return of_numbers(predictor, {predictor.least, predictor.most});
}

GridAxis held(const Predictor& predictor) {
  if (predictor.is_trials) return of_numbers(predictor, {1});
  if (!predictor.is_factor) return of_numbers(predictor, {predictor.mean});
  GridAxis axis = all_levels(predictor);
  axis.texts.resize(1);
  if (!predictor.is_text) axis.numbers.resize(1);
  return axis;
}

const std::string& Grid::cell(std::size_t row, std::size_t axis) const {
  return axes[axis].texts[place_in(axes, axis, row)];
}

std::vector<std::string> Grid::missing() const {
  std::vector<std::string> reasons(size());
  for (const MissingRow& row : rows.missing) reasons[row.number - 1] = row.reason;
  return reasons;
}

std::string Grid::held_text() const {
  std::vector<std::string> parts;
  for (const GridAxis& axis : constant) {
    parts.push_back(axis.column + " = " + axis.texts.front());
  }
  return list_of(parts, 100);
}

Grid make_grid(const LoadedFit& fit, const Predictors& predictors, std::vector<GridAxis> axes,
               MissingGroup rule) {
  Grid grid;
  grid.axes = std::move(axes);
  const std::size_t rows = cells_of(grid.axes);
  if (rows > most_grid_rows) {
    throw UsageError(
        fmt::format("the grid has more than {} rows, which nobody would read; name "
                    "fewer values in --at, or fewer columns",
                    grouped(most_grid_rows)));
  }
  auto table = std::make_shared<Table>();
  table->rows = rows;
  table->source = "the grid";
  for (std::size_t k = 0; k < grid.axes.size(); ++k) {
    std::vector<std::size_t> places(rows);
    for (std::size_t row = 0; row < rows; ++row) places[row] = place_in(grid.axes, k, row);
    table->columns.push_back(column_of_axis(grid.axes[k], places));
  }
  for (const Predictor& predictor : predictors.all()) {
    if (std::ranges::find(grid.axes, predictor.name, &GridAxis::column) != grid.axes.end())
      continue;
    GridAxis axis = held(predictor);
    table->columns.push_back(column_of_axis(axis, std::vector<std::size_t>(rows, 0)));
    axis.texts.front() = fmt::format(
        "{} ({})",
        predictor.is_factor ? axis.texts.front() : fmt::format("{:.4g}", axis.numbers.front()),
        how_held(predictor));
    grid.constant.push_back(std::move(axis));
  }
  // Groupings that are not on the grid have no level.
  for (const Predictor& grouping : predictors.groupings()) {
    const auto same = [&](const GridAxis& axis) { return axis.column == grouping.name; };
    if (rule == MissingGroup::ignored || std::ranges::any_of(grid.axes, same)) continue;
    Column none{.name = grouping.name, .is_text = true, .missing = rows};
    none.codes.assign(rows, -1);
    table->columns.push_back(std::move(none));
  }
  grid.table = table;
  grid.rows = make_new_rows(stored_formulas(fit.config()), table, fit.formula_state(), rule);
  return grid;
}

}  // namespace tarn::launcher
