// What is asked of a grid: options that effects, means, slopes and predict share.
#pragma once

#include <string>
#include <vector>

#include "answers/answer_table.hpp"
#include "answers/grid.hpp"
#include "answers/linear_draws.hpp"
#include "command_line/arguments.hpp"

namespace tarn::launcher {

struct GridQuestion {
  std::vector<std::string> names;  // 'Time by Diet': Time, Diet
  std::string at;
  std::vector<std::string> groups;  // whose levels are known
  bool new_groups = false;          // integrated over the population's
  bool response = true;             // E[y], else the link's scale
  std::string original;             // "median" or "mean" of y, where the left side is log(y)
  std::size_t threads = 1;
  std::size_t most_draws = 0;
  Interval interval;

  bool asks_for(const std::string& column) const;
};

/// --at, --group, --new-groups, --scale, --draws, --threads, --ci.
std::vector<Option> grid_options();

/// `what`: the words after the chain file. Throws UsageError.
GridQuestion read_grid_question(const Arguments& arguments);

/// `Time by Diet` at the word `by`, names in back quotes as they stand.
std::vector<std::string> names_by(const std::string& text);

/// The axes of --at and of --group, but for those in `axes`, which --at may change.
void add_stated_axes(std::vector<GridAxis>& axes, const GridQuestion& question,
                     const Predictors& predictors);

/// Columns that only group are groups, where they are named like others.
void take_groups(GridQuestion& question, const Predictors& predictors);

/// What groups get that the grid does not name.
MissingGroup rule_of(const GridQuestion& question);

/// Numbers of the groupings that are not named. Throws UsageError for a combination of levels that
/// the fit has not seen.
std::vector<std::size_t> left_out_groupings(const LoadedFit& fit, const GridQuestion& question,
                                            const NewRows& rows);

/// Throws UsageError where --original has no way back, or no meaning.
LinearPlan linear_plan(const LoadedFit& fit, const GridQuestion& question,
                       std::vector<std::size_t> left_out, std::size_t rows);

/// Rows that an average over so many costs: with the predictor's scale, or an identity link, it is
/// the value of the mean row.
std::size_t rows_to_average(const LoadedFit& fit, const GridQuestion& question, std::size_t rows);

/// "expected y" or "log(expected y)", and sentences: what is held, what groups get, the scale.
std::string quantity_text(const LoadedFit& fit, const GridQuestion& question);
std::vector<std::string> notes_on(const LoadedFit& fit, const GridQuestion& question,
                                  const std::string& held);
/// What every object of `--json` begins with.
nlohmann::ordered_json answer_head(const LoadedFit& fit, const GridQuestion& question);

std::string draws_note(const LinearDraws& draws);

}  // namespace tarn::launcher
