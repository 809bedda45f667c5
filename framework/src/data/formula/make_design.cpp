// The formula language's entrance: text and table to design.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "data/formula/build.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/notes.hpp"
#include "data/formula/rows_used.hpp"
#include "tarn/error.hpp"
#include "tarn/formula.hpp"

namespace tarn {
namespace {

using formula::Expanded;
using formula::Formula;
using formula::Formulas;
using formula::Node;
using formula::Parsed;

/// What `.` stands for: the columns that neither the response's left side nor a grouping uses.
std::vector<std::string> other_columns(const Parsed& parsed, const Parsed& of_response,
                                       const Table& table) {
  std::vector<std::string> others;
  if (!uses_dot(parsed)) return others;
  formula::Names taken = left_columns(of_response);
  const formula::Names groupings = grouping_columns(parsed);
  taken.insert(taken.end(), groupings.begin(), groupings.end());
  for (const Column& column : table.columns) {
    const auto is_it = [&column](const Node* name) { return name->text == column.name; };
    if (std::ranges::none_of(taken, is_it)) others.push_back(column.name);
  }
  return others;
}

void refuse_terms(const Formula& formula, const Parsed& of_response,
                  const FormulaOptions& options) {
  const auto& [parsed, expanded, of_parameter] = formula;
  const formula::Sum& population = expanded.population;
  if ((options.intercept || of_parameter) && !population.intercept && population.terms.empty() &&
      expanded.bars.empty()) {
    throw InputError(fmt::format(
        "the formula '{}' has neither an intercept nor terms: nothing is left to estimate",
        normalised(parsed)));
  }
  const std::string response = deparse(inside(of_response.response));
  for (const Node& variable : population.variables) {
    if (deparse(variable) != response) continue;
    formula::fail_at(parsed.text, variable.at,
                     fmt::format("'{}' is the response; it cannot explain {}", response,
                                 of_parameter ? "its own " + inside(parsed.response).text
                                              : std::string("itself")));
  }
}

/// Throws InputError unless a parameter stands on the left.
void check_left_side(const Parsed& parsed) {
  const Node& left = inside(parsed.response);
  if (left.kind == Node::Kind::name && !parsed.weights && !parsed.errors && !parsed.trials) return;
  formula::fail_at(parsed.text, left.at,
                   "a further formula has a parameter of the family on its left, as in 'sigma ~ "
                   "x'; the formula of the response comes first");
}

/// The formulas, their terms not yet expanded.
Formulas parse_all(const std::vector<std::string>& texts) {
  Formulas formulas;
  for (const std::string& text : texts) {
    Formula& formula = formulas.emplace_back();
    formula.parsed = formula::parse(text);
    formula.of_parameter = formulas.size() > 1;
    if (!formula.of_parameter) continue;
    check_left_side(formula.parsed);
    const std::string& parameter = inside(formula.parsed.response).text;
    for (std::size_t k = 0; k + 1 < formulas.size(); ++k) {
      if (!inside(formulas[k].parsed.response).is_name(parameter)) continue;
      throw InputError(fmt::format("two formulas are for {}: '{}' and '{}'; give one", parameter,
                                   texts[k], text));
    }
  }
  return formulas;
}

/// Rows missing at either end are none: the others still follow each other.
bool has_gaps(const std::vector<std::size_t>& row_numbers) {
  return row_numbers.back() - row_numbers.front() + 1 != row_numbers.size();
}

void add_new(std::vector<std::string> from, std::vector<std::string>& to) {
  for (std::string& text : from) {
    if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
  }
}

}  // namespace

std::vector<std::string> formula_columns(std::string_view text) {
  return formula_columns(std::vector{std::string(text)});
}

std::vector<std::string> formula_columns(const std::vector<std::string>& texts) {
  Formulas formulas = parse_all(texts);
  for (Formula& formula : formulas) {
    if (uses_dot(formula.parsed)) return {};
    formula.expanded = expand(formula.parsed, {});
  }
  std::vector<std::string> names;
  for (const Node* const name : used_columns(formulas)) names.push_back(name->text);
  return names;
}

ParsedDesign make_design(std::string_view text, std::shared_ptr<const Table> table,
                         const FormulaOptions& options) {
  return make_design(std::vector{std::string(text)}, std::move(table), options);
}

ParsedDesign make_design(const std::vector<std::string>& texts, std::shared_ptr<const Table> table,
                         const FormulaOptions& options) {
  Formulas formulas = parse_all(texts);
  const Parsed& of_response = formulas.front().parsed;
  std::vector<std::vector<std::string>> others;
  for (Formula& formula : formulas) {
    others.push_back(other_columns(formula.parsed, of_response, *table));
    formula.expanded = expand(formula.parsed, others.back());
    refuse_terms(formula, of_response, options);
  }
  const formula::Names used = used_columns(formulas);
  refuse_common_codes(*table, used);
  formula::Built built = build(formulas, std::move(table), options);
  for (std::size_t k = 0; k < formulas.size(); ++k) {
    formula::state_of(built.learnt, k).others = std::move(others[k]);
  }
  ParsedDesign result;
  result.summary = summary_of(formulas, built);
  add_new(notes_on(built, used, grouping_columns(of_response)), result.summary.notes);
  for (std::size_t k = 1; k < formulas.size(); ++k) {
    const formula::Built& own = built.predictors[k - 1];
    add_new(own.notes, result.summary.notes);
    add_new(notes_on(own, {}, grouping_columns(formulas[k].parsed)), result.summary.notes);
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
  return make_new_rows(std::vector{std::string(text)}, std::move(table), state, rule);
}

NewRows make_new_rows(const std::vector<std::string>& texts, std::shared_ptr<const Table> table,
                      const FormulaState& state, MissingGroup rule) {
  Formulas formulas = parse_all(texts);
  for (std::size_t k = 0; k < formulas.size(); ++k) {
    const FormulaState& own = k == 0 ? state : state.predictors.at(k - 1);
    formulas[k].expanded = expand(formulas[k].parsed, own.others);
  }
  const formula::Names used = used_columns(formulas);
  refuse_common_codes(*table, used);
  std::vector<std::string> notes = code_notes(*table, used);
  NewRows rows = build_new(formulas, std::move(table), state, rule);
  rows.notes = std::move(notes);
  return rows;
}

}  // namespace tarn
