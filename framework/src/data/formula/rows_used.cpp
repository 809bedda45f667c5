// Selection of rows by what they lack.
#include "data/formula/rows_used.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "data/formula/language/token.hpp"
#include "data/formula/values/category.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

bool is_missing(const Column& column, std::size_t row) {
  return column.is_text ? column.codes[row] < 0 : std::isnan(column.numbers[row]);
}

void require_rows(const Frame& frame) {
  if (frame.count() > 0) return;
  const std::string& source = frame.table().source;
  throw InputError(fmt::format("{} has no rows", source.empty() ? "the table" : source));
}

/// Calls of the right side that may have no value.
std::vector<const Node*> partial_calls(const Expanded& expanded, bool groupings) {
  std::vector<const Node*> found;
  const auto add = [&found](const Sum& sum) {
    for (const Node& variable : sum.variables) find_partial(variable, found);
  };
  add(expanded.population);
  for (const Bar& bar : expanded.bars) {
    add(bar.columns);
    if (!groupings) continue;
    for (const Node& node : bar.grouping) find_partial(node, found);
  }
  for (const Node& node : expanded.offsets) find_partial(node, found);
  std::vector<const Node*> distinct;
  for (const Node* const call : found) {
    const auto same = [call](const Node* other) { return deparse(*other) == deparse(*call); };
    if (std::ranges::none_of(distinct, same)) distinct.push_back(call);
  }
  return distinct;
}

/// Calls that rows lack a value of, and which rows do.
std::vector<std::pair<std::string, std::vector<char>>> without_value(
    const std::vector<const Node*>& calls, Scope& scope) {
  std::vector<std::pair<std::string, std::vector<char>>> all;
  for (const Node* const call : calls) {
    std::vector<char> rows = missing_rows(*call, scope);
    if (std::ranges::find(rows, 1) != rows.end()) all.emplace_back(deparse(*call), std::move(rows));
  }
  return all;
}

}  // namespace

FormulaState& state_of(FormulaState& learnt, std::size_t formula) {
  return formula == 0 ? learnt : learnt.predictors.at(formula - 1);
}

namespace {

/// The columns that formulas use, each once; those with missing values are told of.
std::vector<const Column*> columns_of_fit(const Formulas& formulas, const Frame& frame,
                                          const FormulaOptions& options,
                                          std::vector<std::string>& dropped) {
  std::vector<const Column*> columns;
  for (const Formula& formula : formulas) {
    for (const Node* const name : used_columns(formula)) {
      const Column& column = column_at(*name, formula.parsed.text, frame.table());
      if (std::ranges::find(columns, &column) != columns.end()) continue;
      columns.push_back(&column);
      if (column.missing == 0) continue;
      if (column.missing == frame.count()) {
        fail_at(formula.parsed.text, name->at,
                fmt::format("column '{}' has no values: all {} cells are missing", column.name,
                            column.missing));
      }
      if (!options.drop_missing) {
        std::size_t row = 0;
        while (!is_missing(column, row)) ++row;
        throw InputError(fmt::format(
            "column '{}' has {} missing value{}, the first in row {}; fill or remove them, or let "
            "such rows be dropped with --na drop",
            column.name, column.missing, column.missing == 1 ? "" : "s", row + 1));
      }
      dropped.push_back(fmt::format("{}: {} missing", column.name, column.missing));
    }
  }
  return columns;
}

/// Takes rows out of `keep` for which a formula has no value.
void leave_partial(const Formula& formula, const Frame& frame, const FormulaOptions& options,
                   FormulaState& learnt, std::vector<char>& keep, std::vector<std::string>& dropped,
                   std::vector<std::string>& said) {
  std::vector<const Node*> calls;
  if (!formula.of_parameter) find_partial(formula.parsed.response, calls);
  for (const Node* const call : partial_calls(formula.expanded, true)) calls.push_back(call);
  if (calls.empty()) return;
  Scope scope{formula.parsed.text, frame, learnt};
  for (const auto& [text, rows] : without_value(calls, scope)) {
    const auto count = std::ranges::count(rows, 1);
    const auto first = std::ranges::find(rows, 1) - rows.begin();
    if (!options.drop_missing) {
      throw InputError(
          fmt::format("{} has no value in {} row{}, the first is row {}; correct them, "
                      "or let such rows be dropped with --na drop",
                      text, count, count == 1 ? "" : "s", frame.row(as_size(first)) + 1));
    }
    std::string line = fmt::format("{}: {} without a value", text, count);
    if (std::ranges::find(dropped, line) == dropped.end()) dropped.push_back(std::move(line));
    for (std::size_t i = 0; i < rows.size(); ++i) keep[i] = rows[i] != 0 ? 0 : keep[i];
  }
  for (std::string& note : scope.notes) said.push_back(std::move(note));
}

}  // namespace

Frame rows_of_fit(const Formulas& formulas, std::shared_ptr<const Table> table,
                  const FormulaOptions& options, FormulaState& learnt,
                  std::vector<std::string>& dropped, std::vector<std::string>& said) {
  Frame frame(std::move(table));
  require_rows(frame);
  frame.drop_missing(columns_of_fit(formulas, frame, options, dropped));
  if (frame.count() == 0) {
    throw InputError(
        fmt::format("no rows are left: each has a missing value ({})", list_of(dropped)));
  }
  std::vector<char> keep(frame.count(), 1);
  for (std::size_t k = 0; k < formulas.size(); ++k) {
    leave_partial(formulas[k], frame, options, state_of(learnt, k), keep, dropped, said);
  }
  if (std::ranges::find(keep, 0) == keep.end()) return frame;
  frame.keep_only(keep);
  if (frame.count() == 0) {
    throw InputError(fmt::format("no rows are left ({})", list_of(dropped)));
  }
  return frame;
}

NewFrame::NewFrame(const Formulas& formulas, std::shared_ptr<const Table> table,
                   FormulaState& learnt, MissingGroup rule)
    : frame_(std::move(table)) {
  require_rows(frame_);
  take_out_missing(formulas, rule);
  for (std::size_t k = 0; k < formulas.size(); ++k) {
    take_out_partial(formulas[k], state_of(learnt, k), rule == MissingGroup::missing);
  }
}

void NewFrame::take_out_missing(const Formulas& formulas, MissingGroup rule) {
  std::vector<std::vector<std::string>> lacks(frame_.count());
  for (const auto& [formula, expanded, of_parameter] : formulas) {
    const bool no_groups = rule == MissingGroup::ignored;
    for (const Node* const name :
         no_groups ? ungrouped_columns(expanded) : right_columns(expanded)) {
      column_at(*name, formula.text, frame_.table());
    }
    Names names =
        rule != MissingGroup::missing ? ungrouped_columns(expanded) : right_columns(expanded);
    for (const auto* part : {&formula.errors, &formula.trials}) {
      if (!*part) continue;
      const Names columns = columns_in(**part);
      names.insert(names.end(), columns.begin(), columns.end());
    }
    for (const Node* const name : names) {
      const Column& column = column_at(*name, formula.text, frame_.table());
      for (std::size_t row = 0; column.missing > 0 && row < lacks.size(); ++row) {
        std::vector<std::string>& here = lacks[row];
        const bool said = std::ranges::find(here, column.name) != here.end();
        if (is_missing(column, row) && !said) here.push_back(column.name);
      }
    }
  }
  std::vector<std::string> reasons;
  for (const auto& names_lacking : lacks) {
    reasons.push_back(names_lacking.empty()
                          ? std::string()
                          : fmt::format("{} {} missing", list_of(names_lacking),
                                        names_lacking.size() == 1 ? "is" : "are"));
  }
  take_out(reasons);
}

void NewFrame::take_out_partial(const Formula& formula, FormulaState& learnt, bool groupings) {
  const std::vector<const Node*> calls = partial_calls(formula.expanded, groupings);
  if (calls.empty() || frame_.count() == 0) return;
  Scope scope{formula.parsed.text, frame_, learnt};
  scope.is_new = true;
  std::vector<std::string> reasons(frame_.count());
  for (const auto& [text, rows] : without_value(calls, scope)) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] != 0 && reasons[i].empty()) reasons[i] = text + " has no value";
    }
  }
  take_out(reasons);
}

void NewFrame::take_out(const std::vector<std::string>& reasons) {
  std::vector<char> keep(reasons.size(), 1);
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i].empty()) continue;
    keep[i] = 0;
    reasons_.emplace(frame_.row(i) + 1, reasons[i]);
  }
  if (std::ranges::find(keep, 0) != keep.end()) frame_.keep_only(keep);
}

std::vector<MissingRow> NewFrame::missing() const {
  std::vector<MissingRow> rows;
  for (const auto& [number, reason] : reasons_) rows.push_back({number, reason});
  return rows;
}

}  // namespace tarn::formula
