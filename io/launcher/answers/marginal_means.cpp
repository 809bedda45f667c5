// The grid crosses all factors; numbers are at their means. A mean is an average of grid rows.
#include "answers/marginal_means.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "answers/average.hpp"
#include "tarn/error.hpp"
#include "tarn/family.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

/// The named factors first, then all others that have levels.
std::vector<GridAxis> factor_axes(const GridQuestion& question, const Predictors& predictors) {
  std::vector<GridAxis> axes;
  const auto add = [&](const Predictor& predictor) {
    if (predictor.is_factor) {
      axes.push_back(all_levels(predictor));
    } else if (predictor.two_valued && !predictor.is_trials) {
      axes.push_back(both_values(predictor));
    }
  };
  const std::vector<GridAxis> stated = read_at(question.at, predictors, true);
  for (const std::string& name : question.names) {
    const Predictor& predictor = predictors.at(name, true);
    const auto given = std::ranges::find(stated, name, &GridAxis::column);
    if (given == stated.end() && !predictor.is_factor && !predictor.two_valued) {
      throw UsageError(
          fmt::format("'{0}' is a column of numbers, which has no levels: say where, "
                      "--at '{0} = mean - sd, mean + sd', or see tarn effects and "
                      "tarn slopes",
                      shown(name)));
    }
    if (given != stated.end()) {
      axes.push_back(*given);
    } else {
      add(predictor);
    }
  }
  for (const Predictor& predictor : predictors.all()) {
    if (!question.asks_for(predictor.name)) add(predictor);
  }
  add_stated_axes(axes, question, predictors);
  return axes;
}

/// Rows of the grid that go into each mean.
struct Cells {
  std::size_t count = 1;    // of means
  std::size_t of_each = 1;  // grid rows of a mean: axes that are named vary slowest
};

Cells cells_of(const std::vector<GridAxis>& axes, std::size_t named) {
  Cells cells;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    (k < named ? cells.count : cells.of_each) *= axes[k].size();
  }
  return cells;
}

/// Shares of the combinations of the axes that are averaged over: equal, or those of the data's
/// rows.
Vector shares(const LoadedFit& fit, const std::vector<GridAxis>& axes, std::size_t named,
              std::size_t of_each, bool data_weights) {
  Vector share = Vector::Constant(as_index(of_each), 1 / static_cast<double>(of_each));
  if (!data_weights) return share;
  std::vector<std::size_t> place(fit.data().table.rows, 0);
  std::vector<bool> inside(place.size(), true);
  for (std::size_t k = named; k < axes.size(); ++k) {
    std::vector<bool> found(place.size(), false);
    for (std::size_t level = 0; level < axes[k].size(); ++level) {
      const std::vector<bool> rows = rows_with(fit, axes[k], level);
      for (std::size_t i = 0; i < place.size(); ++i) {
        if (!rows[i]) continue;
        place[i] = place[i] * axes[k].size() + level;
        found[i] = true;
      }
    }
    for (std::size_t i = 0; i < place.size(); ++i) inside[i] = inside[i] && found[i];
  }
  share.setZero();
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (inside[i]) share[as_index(place[i])] += 1;
  }
  if (share.sum() == 0) {
    throw InputError("no row of the data has such levels: --weights data has nothing to go by");
  }
  return share / share.sum();
}

struct Averaged {
  Matrix link, response;             // a column for each mean that is not missing
  std::vector<std::string> missing;  // of every mean
  std::vector<Eigen::Index> column;  // of every mean, -1 where it is missing
  bool linear = false;
};

/// Grid rows without those that cannot be predicted are numbered anew.
Averaged average(LinearDraws& response, LinearDraws& link, const Grid& grid, const Cells& cells,
                 const Vector& share, bool on_response) {
  Averaged result;
  const std::vector<std::string> missing = grid.missing();
  std::vector<Eigen::Index> place(missing.size(), -1);
  Eigen::Index present = 0;
  for (std::size_t row = 0; row < missing.size(); ++row) {
    if (missing[row].empty()) place[row] = present++;
  }
  Matrix weights = Matrix::Zero(as_index(cells.count), present);
  Eigen::Index kept = 0;
  for (std::size_t cell = 0; cell < cells.count; ++cell) {
    std::string why;
    weights.row(kept).setZero();
    for (std::size_t k = 0; k < cells.of_each; ++k) {
      const std::size_t row = cell * cells.of_each + k;
      if (share[as_index(k)] == 0) continue;
      if (!missing[row].empty()) {
        why = missing[row];
      } else {
        weights(kept, place[row]) = share[as_index(k)];
      }
    }
    result.missing.push_back(why);
    result.column.push_back(why.empty() ? kept++ : -1);
  }
  weights.conservativeResize(kept, Eigen::NoChange);
  const Rows rows = all_rows_of(*grid.rows.rows);
  const Rows means = combined(rows, weights);
  result.link = link.evaluate(means);
  result.linear = response.is_linear(means);
  result.response = on_response && !result.linear
                        ? Matrix(response.evaluate(rows) * weights.transpose())
                        : response.evaluate(means);
  return result;
}

/// What a difference on the link is when transformed; none: it stays one.
std::string ratio_of(const LoadedFit& fit, bool linear) {
  const Link link = fit.design().family->link();
  if (linear || link == Link::identity) return "";
  return link == Link::log ? "ratio" : link == Link::logit ? "odds ratio" : "";
}

std::vector<std::string> cell_texts(const std::vector<GridAxis>& axes, std::size_t named,
                                    std::size_t cell) {
  std::vector<std::string> texts(named);
  for (std::size_t k = named; k-- > 0;) {
    texts[k] = axes[k].texts[cell % axes[k].size()];
    cell /= axes[k].size();
  }
  return texts;
}

/// All pairs of the first axis' levels, within the levels of the other named ones.
void add_pairs(AnswerTable& table, Matrix& draws, const Averaged& averaged,
               const std::vector<GridAxis>& axes, std::size_t named, const Matrix& values,
               bool transformed) {
  table.columns = {axes.front().column};
  for (std::size_t k = 1; k < named; ++k) table.columns.push_back(axes[k].column);
  const std::size_t levels = axes.front().size();
  const std::size_t others = averaged.column.size() / levels;
  std::vector<Vector> columns;
  for (std::size_t other = 0; other < others; ++other) {
    for (std::size_t a = 0; a < levels; ++a) {
      for (std::size_t b = a + 1; b < levels; ++b) {
        const std::size_t left = a * others + other, right = b * others + other;
        AnswerRow row;
        row.cells = cell_texts(axes, named, left);
        row.cells[0] = fmt::format("{} {} {}", axes.front().texts[a], transformed ? "/" : "-",
                                   axes.front().texts[b]);
        row.missing =
            !averaged.missing[left].empty() ? averaged.missing[left] : averaged.missing[right];
        if (row.missing.empty()) {
          Vector difference =
              values.col(averaged.column[left]) - values.col(averaged.column[right]);
          columns.push_back(transformed ? Vector(difference.array().exp()) : difference);
        }
        table.rows.push_back(std::move(row));
      }
    }
  }
  draws.resize(values.rows(), std::ssize(columns));
  for (std::size_t k = 0; k < columns.size(); ++k) draws.col(as_index(k)) = columns[k];
}

std::string averaged_over(const std::vector<GridAxis>& axes, std::size_t named,
                          const MeansPlan& plan) {
  std::vector<std::string> over;
  for (std::size_t k = named; k < axes.size(); ++k) {
    if (axes[k].size() > 1) over.push_back(axes[k].column);
  }
  if (over.empty()) return "";
  return fmt::format("averaged over the levels of {} with {} weights", list_of(over),
                     plan.data_weights ? "the data's" : "equal");
}

}  // namespace

MarginalMeans marginal_means(const LoadedFit& fit, const Predictors& predictors,
                             GridQuestion question, const MeansPlan& plan) {
  take_groups(question, predictors);
  // A mean is of one level of each group.
  for (const std::string& group : question.groups) {
    if (!question.asks_for(group)) question.names.push_back(group);
  }
  const std::vector<GridAxis> axes = factor_axes(question, predictors);
  const std::size_t named = question.names.size();
  if (plan.pairs && axes.front().size() < 2) {
    throw UsageError(
        fmt::format("--pairs: {} has one level here, '{}', and nothing to compare it "
                    "with",
                    shown(axes.front().column), shown(axes.front().texts.front())));
  }
  const Grid grid = make_grid(fit, predictors, axes, rule_of(question));
  const std::vector<std::size_t> left_out = left_out_groupings(fit, question, grid.rows);
  LinearDraws response(fit.required_model(), fit.file().posterior(),
                       linear_plan(fit, question, left_out, grid.size()));
  GridQuestion on_link = question;
  on_link.response = false;
  on_link.original.clear();
  LinearDraws link(fit.required_model(), fit.file().posterior(),
                   linear_plan(fit, on_link, left_out, grid.size()));
  const Cells cells = cells_of(axes, named);
  const Vector share = shares(fit, axes, named, cells.of_each, plan.data_weights);
  const bool on_response = plan.average_on_response && question.response;
  const Averaged averaged = average(response, link, grid, cells, share, on_response);

  MarginalMeans result;
  result.means.title = fmt::format("{} by {}, marginal means", quantity_text(fit, question),
                                   list_of(question.names));
  for (std::size_t k = 0; k < named; ++k) result.means.columns.push_back(axes[k].column);
  for (std::size_t cell = 0; cell < cells.count; ++cell) {
    AnswerRow row;
    row.cells = cell_texts(axes, named, cell);
    row.missing = averaged.missing[cell];
    result.means.rows.push_back(std::move(row));
  }
  std::string held_here = grid.held_text();
  if (held_here == "none") held_here.clear();
  result.means.notes = notes_on(fit, question, held_here);
  const std::string over = averaged_over(axes, named, plan);
  if (!over.empty()) result.means.notes.insert(result.means.notes.begin(), over);
  if (!over.empty() && !averaged.linear && question.response) {
    result.means.notes.push_back(on_response ? "averaged on the response, after the transformation"
                                             : "averaged on the link, then transformed "
                                               "(--average-on response: the other way round)");
  }
  estimate_rows(result.means, fit.registry(), averaged.response, response.chains(),
                question.interval);
  if (!plan.pairs) return result;

  const bool transforms = question.response && !on_response;
  const std::string ratio = transforms ? ratio_of(fit, averaged.linear) : "";
  const bool differs_on_link =
      transforms && ratio.empty() && !averaged.linear && question.original.empty();
  const Matrix& values = !ratio.empty() || differs_on_link ? averaged.link : averaged.response;
  Matrix draws;
  add_pairs(result.pairs, draws, averaged, axes, named, values, !ratio.empty());
  result.pairs.title = fmt::format("{}s of pairs{}", ratio.empty() ? "difference" : ratio,
                                   differs_on_link ? ", of the linear predictor" : "");
  result.pairs.probabilities = ratio.empty();
  estimate_rows(result.pairs, fit.registry(), draws, response.chains(), question.interval);
  return result;
}

}  // namespace tarn::launcher
