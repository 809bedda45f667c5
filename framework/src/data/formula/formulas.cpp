// Several formulas over the rows that all of them can use.
#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "data/formula/build.hpp"
#include "data/formula/rows_used.hpp"
#include "tarn/error.hpp"

namespace tarn::formula {
namespace {

/// Which formula it is about, where the sentence does not show it.
[[noreturn]] void refuse_in(const Formula& formula, const InputError& why) {
  if (std::string_view(why.what()).find(formula.parsed.text) != std::string_view::npos) throw;
  throw InputError(fmt::format("in '{}': {}", normalised(formula.parsed), why.what()));
}

/// The formula of a parameter over the rows that the response's has.
void add_predictor(const Formula& formula, const FormulaOptions& options, std::size_t number,
                   Built& built) {
  Built& own = built.predictors.emplace_back();
  own.learnt = std::move(built.learnt.predictors[number]);
  own.design.response = built.design.response;
  try {
    build_one(formula, built.rows->frame, options, own);
  } catch (const InputError& why) {
    refuse_in(formula, why);
  }
  built.learnt.predictors[number] = own.learnt;
  PredictorDesign& predictor = built.design.predictors.emplace_back(own.design);
  predictor.parameter = inside(formula.parsed.response).text;
  built.rows->predictors.push_back(own.rows);
}

/// New rows of all formulas; or why some rows have none, one entry for each.
std::vector<std::string> add_new(const Formulas& formulas, const Frame& frame, FormulaState& learnt,
                                 MissingGroup rule, NewRows& result) {
  std::shared_ptr<DesignRows> all;
  for (std::size_t k = 0; k < formulas.size(); ++k) {
    NewBuilt one =
        build_one_new(formulas[k], frame, result.has_response, state_of(learnt, k), rule);
    const auto is_needed = [](const std::string& cell) { return !cell.empty(); };
    if (std::ranges::any_of(one.cells, is_needed)) return one.cells;
    if (k == 0) {
      all = one.built.rows;
    } else {
      all->predictors.push_back(one.built.rows);
    }
    std::ranges::move(one.built.design.groupings, std::back_inserter(result.groupings));
    std::ranges::copy(one.known, std::back_inserter(result.known));
  }
  result.rows = all;
  result.row_numbers = row_numbers(all->frame);
  return {};
}

}  // namespace

Built build(const Formulas& formulas, std::shared_ptr<const Table> table,
            const FormulaOptions& options) {
  Built built;
  built.learnt.predictors.resize(formulas.size() - 1);
  Frame frame =
      rows_of_fit(formulas, std::move(table), options, built.learnt, built.dropped, built.said);
  build_one(formulas.front(), std::move(frame), options, built);
  for (std::size_t k = 1; k < formulas.size(); ++k) {
    add_predictor(formulas[k], options, k - 1, built);
  }
  return built;
}

NewRows build_new(const Formulas& formulas, std::shared_ptr<const Table> table,
                  const FormulaState& state, MissingGroup rule) {
  const Names response = columns_in(formulas.front().parsed.response);
  const bool has_response = std::ranges::all_of(
      response, [&table](const Node* name) { return table->find(name->text) != nullptr; });
  FormulaState learnt = state;
  NewFrame rows(formulas, std::move(table), learnt, rule);
  // Once more where some rows need what the fit has left out.
  while (rows.frame().count() > 0) {
    NewRows result;
    result.has_response = has_response;
    const std::vector<std::string> cells = add_new(formulas, rows.frame(), learnt, rule, result);
    if (cells.empty()) {
      result.missing = rows.missing();
      return result;
    }
    rows.take_out(cells);
  }
  return {std::make_shared<DesignRows>(rows.frame()), has_response, {}, {}, {}, rows.missing()};
}

}  // namespace tarn::formula
