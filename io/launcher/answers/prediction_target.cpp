// Rows of new data, of a grid or of the fit, with the columns that stand before the predictions.
#include "answers/prediction_target.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "answers/grid.hpp"
#include "command_line/reading.hpp"
#include "command_line/terminal.hpp"
#include "fits/stored_configuration.hpp"
#include "fitting/configuration.hpp"
#include "tarn/io/table_reader.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_text_columns = 5;

/// What --new-groups says of groups that are missing.
MissingGroup rule_for_missing(const PredictionPlan& plan) {
  if (plan.no_groups) return MissingGroup::ignored;
  switch (plan.new_levels) {
    case NewLevels::population:
    case NewLevels::average:
      return MissingGroup::shared;
    case NewLevels::sample:
      return MissingGroup::own;
    case NewLevels::refused:
      break;
  }
  return MissingGroup::missing;
}

PredictionTarget new_target(const Arguments& arguments, const LoadedFit& fit,
                            const PredictionPlan& plan) {
  const std::vector<std::string> files(arguments.words().begin() + 1, arguments.words().end());
  io::TableOptions reading = read_reading(arguments);
  if (!arguments.given("missing")) reading.missing = missing_codes(fit.config());
  const std::shared_ptr<const Table> table = io::read_table(files, reading);
  PredictionTarget target;
  target.fresh = make_new_rows(stored_formulas(fit.config()), table, fit.formula_state(),
                               rule_for_missing(plan));
  target.row_numbers = target.fresh->row_numbers;
  target.observed = target.fresh->has_response;
  for (const std::string& note : target.fresh->notes) say("note: " + note);
  std::vector<std::string> kept;
  for (const Column& column : fit.data().table.columns) {
    if (table->find(column.name) != nullptr) kept.push_back(column.name);
  }
  std::vector<std::size_t> all(table->rows);
  std::iota(all.begin(), all.end(), std::size_t{1});
  target.data = {rows_of(*table, kept, all), std::move(all), fit.design().response, {}};
  target.shown = table;
  kept.resize(std::min(kept.size(), most_text_columns));
  target.shown_names = std::move(kept);
  return target;
}

/// The rows of a grid; of its columns those that were named stand before the numbers.
PredictionTarget grid_target(const Arguments& arguments, const LoadedFit& fit,
                             const PredictionPlan& plan) {
  if (arguments.words().size() > 1) {
    arguments.refuse("at", "makes rows of its own; leave NEWDATA out, or --at");
  }
  const Predictors predictors(fit);
  std::vector<GridAxis> axes = read_at(arguments.text("at"), predictors, !plan.no_groups);
  const Grid grid = make_grid(fit, predictors, std::move(axes), rule_for_missing(plan));
  std::vector<std::string> named;
  for (const GridAxis& axis : grid.axes) named.push_back(axis.column);
  std::vector<std::size_t> all(grid.size());
  std::iota(all.begin(), all.end(), std::size_t{1});
  PredictionTarget target;
  target.fresh = grid.rows;
  target.row_numbers = grid.rows.row_numbers;
  target.shown = std::make_shared<const Table>(rows_of(*grid.table, named, all));
  target.data = {*grid.table, std::move(all), fit.design().response, {}};
  named.resize(std::min(named.size(), most_text_columns));
  target.shown_names = std::move(named);
  if (!grid.constant.empty()) say("held at: " + grid.held_text());
  return target;
}

}  // namespace

PredictionTarget prediction_target(const Arguments& arguments, const LoadedFit& fit,
                                   const PredictionPlan& plan) {
  if (arguments.given("at")) return grid_target(arguments, fit, plan);
  if (arguments.words().size() > 1) return new_target(arguments, fit, plan);
  PredictionTarget target;
  target.row_numbers = fit.required_model().row_numbers;
  target.data = fit.data();
  target.observed = true;
  return target;
}

}  // namespace tarn::launcher
