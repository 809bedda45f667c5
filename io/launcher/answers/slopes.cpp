// Slopes by differences of fourth order of the expected response itself, so that any formula and
// any link are served: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h.
#include "answers/slopes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "answers/average.hpp"
#include "answers/effects.hpp"
#include "fits/stored_configuration.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

/// In standard deviations of x: the fourth order leaves about 1e-12, rounding as much.
constexpr double step_in_sds = 1e-3;

struct Point {
  double steps, weight;  // weight / (12 h)
};
constexpr std::array<Point, 4> stencil{{{-2, 1}, {-1, -8}, {1, 8}, {2, -1}}};

const Predictor& numbers_named(const GridQuestion& question, const Predictors& predictors) {
  const Predictor& x = predictors.at(question.names.front());
  if (x.is_factor) {
    throw UsageError(
        fmt::format("'{0}' is a factor and has no slope; tarn means FILE {0} --pairs "
                    "compares its levels",
                    shown(x.name)));
  }
  if (!(x.sd > 0)) throw InputError(fmt::format("'{}' has one value only", shown(x.name)));
  return x;
}

std::vector<GridAxis> by_axes(const GridQuestion& question, const Predictors& predictors) {
  std::vector<GridAxis> axes;
  for (std::size_t k = 1; k < question.names.size(); ++k) {
    const Predictor& by = predictors.at(question.names[k], true);
    if (!by.is_factor && !by.two_valued) {
      throw UsageError(
          fmt::format("'{0}' is a column of numbers: say where, --at '{0} = mean - sd, "
                      "mean + sd'",
                      shown(by.name)));
    }
    axes.push_back(by.is_factor ? all_levels(by) : both_values(by));
  }
  return axes;
}

/// Rows of the data that have the levels of a combination.
std::vector<bool> rows_of(const LoadedFit& fit, const std::vector<GridAxis>& axes,
                          std::size_t combination) {
  std::vector<bool> chosen(fit.data().table.rows, true);
  for (std::size_t k = axes.size(); k-- > 0;) {
    const std::vector<bool> some = rows_with(fit, axes[k], combination % axes[k].size());
    combination /= axes[k].size();
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = chosen[i] && some[i];
  }
  return chosen;
}

std::vector<std::string> texts_of(const std::vector<GridAxis>& axes, std::size_t combination) {
  std::vector<std::string> texts(axes.size());
  for (std::size_t k = axes.size(); k-- > 0;) {
    texts[k] = axes[k].texts[combination % axes[k].size()];
    combination /= axes[k].size();
  }
  return texts;
}

[[noreturn]] void refuse_missing(const Predictor& x, const MissingRow& row) {
  throw InputError(
      fmt::format("the slope of '{}' needs values a little beside those of the rows, "
                  "and row {} has none: {}",
                  shown(x.name), row.number, row.reason));
}

AnswerTable averaged(const LoadedFit& fit, const Predictor& x, const GridQuestion& question,
                     const std::vector<GridAxis>& axes) {
  const std::vector<std::string> formulas = stored_formulas(fit.config());
  const double step = step_in_sds * x.sd;
  std::vector<std::size_t> groupings(fit.design().groupings_in_all());
  std::iota(groupings.begin(), groupings.end(), std::size_t{0});
  LinearDraws draws(
      fit.required_model(), fit.file().posterior(),
      linear_plan(fit, question, groupings,
                  rows_to_average(fit, question, stencil.size() * fit.data().table.rows)));
  std::size_t combinations = 1;
  for (const GridAxis& axis : axes) combinations *= axis.size();
  Matrix slope = Matrix::Zero(as_index(draws.draws()), as_index(combinations));
  std::vector<std::vector<bool>> chosen;
  for (std::size_t c = 0; c < combinations; ++c) {
    chosen.push_back(axes.empty() ? std::vector<bool>() : rows_of(fit, axes, c));
  }
  for (const Point& point : stencil) {
    const NewRows rows = make_new_rows(formulas, data_moved(fit, x.name, point.steps * step),
                                       fit.formula_state(), MissingGroup::ignored);
    if (!rows.missing.empty()) refuse_missing(x, rows.missing.front());
    for (std::size_t c = 0; c < combinations; ++c) {
      if (!axes.empty() && std::ranges::find(chosen[c], true) == chosen[c].end()) continue;
      slope.col(as_index(c)) += point.weight / (12 * step) *
                                average_over(draws, *rows.rows, !question.response, chosen[c]);
    }
  }
  AnswerTable table;
  for (const GridAxis& axis : axes) table.columns.push_back(axis.column);
  Eigen::Index kept = 0;
  for (std::size_t c = 0; c < combinations; ++c) {
    AnswerRow row{.cells = texts_of(axes, c)};
    if (!axes.empty() && std::ranges::find(chosen[c], true) == chosen[c].end()) {
      row.missing = "no row of the fit has these levels";
    } else {
      slope.col(kept++) = slope.col(as_index(c)).eval();
    }
    table.rows.push_back(std::move(row));
  }
  table.notes = notes_on(fit, question, "");
  table.notes.insert(table.notes.begin(),
                     fmt::format("averaged over {}, with their other columns as they are",
                                 axes.empty() ? "the rows of the data"
                                              : "the rows of the data with these levels"));
  estimate_rows(table, fit.registry(), slope.leftCols(kept), draws.chains(), question.interval);
  if (!draws.all_draws()) table.notes.push_back(draws_note(draws));
  return table;
}

AnswerTable conditional(const LoadedFit& fit, const Predictors& predictors, const Predictor& x,
                        const GridQuestion& question, std::vector<GridAxis> axes) {
  add_stated_axes(axes, question, predictors);
  auto own = std::ranges::find(axes, x.name, &GridAxis::column);
  if (own == axes.end()) {
    axes.push_back(held(x));
    own = axes.end() - 1;
  }
  const double step = step_in_sds * x.sd;
  const auto place = own - axes.begin();
  Matrix slope;
  AnswerTable table;
  std::string held_here;
  std::vector<std::string> missing;
  std::size_t chains = 0;
  bool all_draws = true;
  std::string draws_text;
  for (const Point& point : stencil) {
    std::vector<GridAxis> moved = axes;
    for (double& value : moved[as_size(place)].numbers) value += point.steps * step;
    const Grid grid = make_grid(fit, predictors, moved, rule_of(question));
    LinearDraws draws(
        fit.required_model(), fit.file().posterior(),
        linear_plan(fit, question, left_out_groupings(fit, question, grid.rows), grid.size()));
    const Matrix values = draws.evaluate(all_rows_of(*grid.rows.rows));
    if (slope.size() == 0) {
      slope = Matrix::Zero(values.rows(), values.cols());
      missing = grid.missing();
      held_here = grid.held_text();
      chains = draws.chains();
      all_draws = draws.all_draws();
      draws_text = draws_note(draws);
    } else if (missing != grid.missing()) {
      refuse_missing(x, grid.rows.missing.front());
    }
    slope += point.weight / (12 * step) * values;
  }
  std::vector<std::string> named(question.names.begin() + 1, question.names.end());
  const std::vector<GridAxis> columns = shown_axes(axes, named, held_here);
  for (const GridAxis& axis : columns) table.columns.push_back(axis.column);
  for (std::size_t row = 0; row < missing.size(); ++row) {
    const std::vector<std::string> texts = texts_of(axes, row);
    AnswerRow answer;
    for (std::size_t k = 0; k < axes.size(); ++k) {
      const auto same = std::ranges::find(columns, axes[k].column, &GridAxis::column);
      if (same != columns.end()) answer.cells.push_back(texts[k]);
    }
    answer.missing = missing[row];
    table.rows.push_back(std::move(answer));
  }
  table.notes = notes_on(fit, question, held_here);
  estimate_rows(table, fit.registry(), slope, chains, question.interval);
  if (!all_draws) table.notes.push_back(draws_text);
  return table;
}

}  // namespace

AnswerTable slopes(const LoadedFit& fit, const Predictors& predictors, GridQuestion question) {
  take_groups(question, predictors);
  const Predictor& x = numbers_named(question, predictors);
  const std::vector<GridAxis> axes = by_axes(question, predictors);
  const bool on_grid = !question.at.empty() || !question.groups.empty();
  AnswerTable table =
      on_grid ? conditional(fit, predictors, x, question, axes) : averaged(fit, x, question, axes);
  table.title = fmt::format("slope of {} in {}, {}", quantity_text(fit, question), x.name,
                            on_grid ? "at these values" : "on average");
  table.probabilities = true;
  return table;
}

}  // namespace tarn::launcher
