// Effects on a grid, and by g-computation.
#include "answers/effects.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "answers/average.hpp"
#include "fits/stored_configuration.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t average_points = 21;
constexpr std::size_t shown_points = 11;  // of a curve, in text

std::vector<GridAxis> axes_of(const GridQuestion& question, const Predictors& predictors,
                              std::size_t points) {
  std::vector<GridAxis> axes;
  for (const std::string& name : question.names) {
    const Predictor& predictor = predictors.at(name, true);
    if (predictor.is_factor) {
      axes.push_back(all_levels(predictor));
    } else if (axes.empty()) {
      axes.push_back(whole_range(predictor, points));
    } else {
      axes.push_back(predictor.two_valued ? both_values(predictor) : about_mean(predictor));
    }
  }
  add_stated_axes(axes, question, predictors);
  return axes;
}

std::vector<std::size_t> places_of(const std::vector<GridAxis>& axes, std::size_t row) {
  std::vector<std::size_t> places(axes.size());
  for (std::size_t k = axes.size(); k-- > 0;) {
    places[k] = row % axes[k].size();
    row /= axes[k].size();
  }
  return places;
}

/// The rows of the table, in the columns that are shown.
void add_rows(AnswerTable& table, const std::vector<GridAxis>& axes,
              const std::vector<GridAxis>& shown_here, const std::vector<std::string>& missing) {
  for (const GridAxis& axis : shown_here) table.columns.push_back(axis.column);
  for (std::size_t row = 0; row < missing.size(); ++row) {
    const std::vector<std::size_t> places = places_of(axes, row);
    AnswerRow answer;
    for (std::size_t k = 0; k < axes.size(); ++k) {
      const auto same = std::ranges::find(shown_here, axes[k].column, &GridAxis::column);
      if (same != shown_here.end()) answer.cells.push_back(axes[k].texts[places[k]]);
    }
    answer.missing = missing[row];
    table.rows.push_back(std::move(answer));
  }
}

std::string title_of(const LoadedFit& fit, const GridQuestion& question) {
  return fmt::format("{} by {}", quantity_text(fit, question), list_of(question.names));
}

Effect on_grid(const LoadedFit& fit, const Predictors& predictors, const GridQuestion& question,
               const std::vector<GridAxis>& axes) {
  const Grid grid = make_grid(fit, predictors, axes, rule_of(question));
  LinearDraws draws(
      fit.required_model(), fit.file().posterior(),
      linear_plan(fit, question, left_out_groupings(fit, question, grid.rows), grid.size()));
  std::string held_here = grid.held_text();
  Effect result;
  result.axes = shown_axes(axes, question.names, held_here);
  add_rows(result.table, axes, result.axes, grid.missing());
  result.table.notes = notes_on(fit, question, held_here);
  estimate_rows(result.table, fit.registry(), draws.evaluate(all_rows_of(*grid.rows.rows)),
                draws.chains(), question.interval);
  if (!draws.all_draws()) result.table.notes.push_back(draws_note(draws));
  return result;
}

Effect averaged(const LoadedFit& fit, const GridQuestion& question,
                const std::vector<GridAxis>& axes) {
  const std::vector<std::string> formulas = stored_formulas(fit.config());
  std::size_t points = 1;
  for (const GridAxis& axis : axes) points *= axis.size();
  std::vector<std::size_t> groupings(fit.design().groupings_in_all());
  std::iota(groupings.begin(), groupings.end(), std::size_t{0});
  LinearDraws draws(fit.required_model(), fit.file().posterior(),
                    linear_plan(fit, question, groupings,
                                rows_to_average(fit, question, points * fit.data().table.rows)));
  std::vector<std::string> missing(points);
  std::vector<Vector> values;
  for (std::size_t point = 0; point < points; ++point) {
    const NewRows rows = make_new_rows(formulas, data_with(fit, axes, places_of(axes, point)),
                                       fit.formula_state(), MissingGroup::ignored);
    if (!rows.missing.empty()) {
      missing[point] = rows.missing.front().reason;
    } else {
      values.push_back(average_over(draws, *rows.rows, !question.response));
    }
  }
  Matrix together(as_index(draws.draws()), std::ssize(values));
  for (std::size_t k = 0; k < values.size(); ++k) together.col(as_index(k)) = values[k];
  Effect result;
  std::string stated;
  result.axes = shown_axes(axes, question.names, stated);
  add_rows(result.table, axes, result.axes, missing);
  result.table.notes = notes_on(fit, question, stated);
  result.table.notes.insert(
      result.table.notes.begin(),
      fmt::format("averaged over the {} rows of the data, with their other columns as they are",
                  fit.data().table.rows));
  estimate_rows(result.table, fit.registry(), together, draws.chains(), question.interval);
  if (!draws.all_draws()) result.table.notes.push_back(draws_note(draws));
  return result;
}

}  // namespace

std::vector<std::size_t> Effect::rows_to_show(std::size_t most) const {
  std::vector<std::size_t> all = first_rows(table, table.rows.size());
  if (!curve || axes.empty() || axes.front().size() <= shown_points) {
    all.resize(std::min(all.size(), most));
    return all;
  }
  const std::size_t points = axes.front().size();
  const std::size_t others = table.rows.size() / points;
  std::vector<std::size_t> some;
  for (std::size_t k = 0; k < shown_points; ++k) {
    const std::size_t point = k * (points - 1) / (shown_points - 1);
    for (std::size_t j = 0; j < others && some.size() < most; ++j) {
      some.push_back(point * others + j);
    }
  }
  return some;
}

std::vector<GridAxis> shown_axes(const std::vector<GridAxis>& axes,
                                 const std::vector<std::string>& named, std::string& held_here) {
  std::vector<GridAxis> result;
  std::string stated;
  for (const GridAxis& axis : axes) {
    if (axis.size() > 1 || std::ranges::find(named, axis.column) != named.end()) {
      result.push_back(axis);
    } else {
      stated += fmt::format("{}{} = {} (stated)", stated.empty() ? "" : ", ", axis.column,
                            axis.texts.front());
    }
  }
  if (!stated.empty())
    held_here = held_here.empty() || held_here == "none" ? stated : stated + ", " + held_here;
  if (held_here == "none") held_here.clear();
  return result;
}

Effect effect(const LoadedFit& fit, const Predictors& predictors, GridQuestion question,
              const EffectsPlan& plan) {
  take_groups(question, predictors);
  if (plan.average && !question.groups.empty()) {
    throw UsageError(
        fmt::format("--average is over the rows of the data, whose groups differ; it "
                    "has no place beside levels of {}",
                    list_of(question.groups)));
  }
  const std::size_t points = plan.average ? std::min(plan.points, average_points) : plan.points;
  const std::vector<GridAxis> axes = axes_of(question, predictors, points);
  Effect result =
      plan.average ? averaged(fit, question, axes) : on_grid(fit, predictors, question, axes);
  result.table.title = title_of(fit, question);
  result.curve = !predictors.at(question.names.front(), true).is_factor;
  return result;
}

}  // namespace tarn::launcher
