// The formula language's entrance: text and table to design.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "data/formula/build.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/notes.hpp"
#include "tarn/error.hpp"
#include "tarn/formula.hpp"

namespace tarn {
namespace {

using formula::Expanded;
using formula::Node;
using formula::Parsed;

/// What `.` stands for: the columns that neither the left side nor a grouping uses.
std::vector<std::string> other_columns(const Parsed& parsed, const Table& table) {
  std::vector<std::string> others;
  if (!uses_dot(parsed)) return others;
  formula::Names taken = left_columns(parsed);
  const formula::Names groupings = grouping_columns(parsed);
  taken.insert(taken.end(), groupings.begin(), groupings.end());
  for (const Column& column : table.columns) {
    const auto is_it = [&column](const Node* name) { return name->text == column.name; };
    if (std::ranges::none_of(taken, is_it)) others.push_back(column.name);
  }
  return others;
}

void refuse_terms(const Parsed& parsed, const Expanded& expanded, const FormulaOptions& options) {
  const formula::Sum& population = expanded.population;
  if (options.intercept && !population.intercept && population.terms.empty() &&
      expanded.bars.empty()) {
    throw InputError(fmt::format(
        "the formula '{}' has neither an intercept nor terms: nothing is left to estimate",
        normalised(parsed)));
  }
  const std::string response = deparse(inside(parsed.response));
  for (const Node& variable : population.variables) {
    if (deparse(variable) == response) {
      formula::fail_at(parsed.text, variable.at,
                       fmt::format("'{}' is the response; it cannot explain itself", response));
    }
  }
}

/// Rows missing at either end are none: the others still follow each other.
bool has_gaps(const std::vector<std::size_t>& row_numbers) {
  return row_numbers.back() - row_numbers.front() + 1 != row_numbers.size();
}

}  // namespace

std::vector<std::string> formula_columns(std::string_view text) {
  const Parsed parsed = formula::parse(text);
  std::vector<std::string> names;
  if (uses_dot(parsed)) return names;
  const Expanded expanded = expand(parsed, {});
  for (const Node* const name : used_columns(parsed, expanded)) names.push_back(name->text);
  return names;
}

ParsedDesign make_design(std::string_view text, std::shared_ptr<const Table> table,
                         const FormulaOptions& options) {
  const Parsed parsed = formula::parse(text);
  std::vector<std::string> others = other_columns(parsed, *table);
  const Expanded expanded = expand(parsed, others);
  refuse_terms(parsed, expanded, options);
  const formula::Names used = used_columns(parsed, expanded);
  refuse_common_codes(*table, used);
  formula::Built built = build(parsed, expanded, std::move(table), options);
  built.learnt.others = std::move(others);
  ParsedDesign result;
  result.summary = summary_of(parsed, expanded, built);
  for (std::string& note : notes_on(built, used, grouping_columns(parsed))) {
    result.summary.notes.push_back(std::move(note));
  }
  for (const Node* const name : used) result.columns.push_back(name->text);
  result.row_numbers = formula::row_numbers(built.rows->frame);
  result.response = [rows = built.rows] {
    Vector y(static_cast<Eigen::Index>(rows->count()));
    for_each_run(rows->response, rows->frame,
                 [&y](std::size_t first, std::span<const double> values) {
                   std::ranges::copy(values, y.data() + first);
                 });
    return y;
  };
  result.design = std::move(built.design);
  result.design.has_gaps = has_gaps(result.row_numbers);
  result.state = std::move(built.learnt);
  return result;
}

NewRows make_new_rows(std::string_view text, std::shared_ptr<const Table> table,
                      const FormulaState& state, MissingGroup rule) {
  const Parsed parsed = formula::parse(text);
  const Expanded expanded = expand(parsed, state.others);
  const formula::Names used = used_columns(parsed, expanded);
  refuse_common_codes(*table, used);
  std::vector<std::string> notes = code_notes(*table, used);
  NewRows rows = build_new(parsed, expanded, std::move(table), state, rule);
  rows.notes = std::move(notes);
  return rows;
}

}  // namespace tarn
