// Reads the formula for the columns it predicts from.
#include "answers/predictors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "data/formula/language/node.hpp"
#include "data/formula/language/terms.hpp"
#include "data/formula/language/token.hpp"
#include "fits/stored_configuration.hpp"
#include "tarn/statistics/quantile.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::array<std::string_view, 5> factor_calls{"factor", "as.factor", "C", "relevel",
                                                       "ordered"};

/// The factor of the formula that this column is, or is made into: arm, C(arm, ref = b).
const FormulaSummary::Factor* factor_of(const FormulaSummary& formula, const std::string& column) {
  for (const FormulaSummary& further : formula.predictors) {
    if (const FormulaSummary::Factor* const found = factor_of(further, column)) return found;
  }
  for (const FormulaSummary::Factor& factor : formula.factors) {
    if (factor.coding.empty()) continue;  // it only groups
    if (factor.name == column) return &factor;
    const std::vector<formula::Token> tokens = formula::tokens(factor.name);
    const bool called = tokens.size() > 3 && tokens[1].text == "(" && tokens[2].text == column &&
                        std::ranges::find(factor_calls, tokens[0].text) != factor_calls.end();
    if (called) return &factor;
  }
  return nullptr;
}

void add_levels(const Column& column, const FormulaSummary::Factor* factor, Predictor& predictor) {
  predictor.is_factor = true;
  if (factor != nullptr) predictor.levels = factor->levels;
  if (column.is_text) {
    if (factor != nullptr) return;
    predictor.levels = column.levels;
    std::ranges::sort(predictor.levels);
    return;
  }
  std::vector<double> values = column.numbers;
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  predictor.numbers = values;
  predictor.levels.clear();
  for (const double value : values) predictor.levels.push_back(formula::number_text(value));
}

void put_reference_first(const FormulaSummary::Factor* factor, Predictor& predictor) {
  if (factor == nullptr || factor->reference.empty()) return;
  const auto found = std::ranges::find(predictor.levels, factor->reference);
  if (found == predictor.levels.end()) return;
  const auto place = found - predictor.levels.begin();
  std::rotate(predictor.levels.begin(), found, found + 1);
  if (predictor.numbers.empty()) return;
  const auto number = predictor.numbers.begin() + place;
  std::rotate(predictor.numbers.begin(), number, number + 1);
}

void measure(const Column& column, Predictor& predictor) {
  std::vector<double> values = column.numbers;
  const auto n = static_cast<double>(values.size());
  predictor.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double x : values) squares += (x - predictor.mean) * (x - predictor.mean);
  predictor.sd = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  std::ranges::sort(values);
  predictor.least = values.front();
  predictor.most = values.back();
  predictor.median = statistics::median(values);
  predictor.two_valued =
      predictor.least < predictor.most && std::ranges::all_of(values, [&](double x) {
        return x == predictor.least || x == predictor.most;
      });
}

Predictor predictor_of(const Column& column, const FormulaSummary& formula, bool factor_anyway) {
  Predictor predictor;
  predictor.name = column.name;
  predictor.is_text = column.is_text;
  const FormulaSummary::Factor* const factor = factor_of(formula, column.name);
  if (!column.is_text) measure(column, predictor);
  if (column.is_text || factor != nullptr || factor_anyway) {
    add_levels(column, factor, predictor);
    put_reference_first(factor, predictor);
  }
  return predictor;
}

std::vector<std::string> names_of(const std::vector<Predictor>& predictors) {
  std::vector<std::string> names;
  for (const Predictor& one : predictors) names.push_back(one.name);
  return names;
}

}  // namespace

Predictors::Predictors(const LoadedFit& fit) : response_(fit.design().response) {
  std::set<std::string> ungrouped, groupings, trials, errors;
  const auto add = [](std::set<std::string>& names, const formula::Names& nodes) {
    for (const formula::Node* const node : nodes) names.insert(node->text);
  };
  const std::vector<std::string> formulas = stored_formulas(fit.config());
  for (std::size_t k = 0; k < formulas.size(); ++k) {
    const FormulaState& state =
        k == 0 ? fit.formula_state() : fit.formula_state().predictors.at(k - 1);
    const formula::Parsed parsed = formula::parse(formulas[k]);
    const formula::Expanded expanded = expand(parsed, state.others);
    add(ungrouped, ungrouped_columns(expanded));
    add(groupings, formula::grouping_columns(parsed));
    if (parsed.trials) add(trials, columns_in(*parsed.trials));
    if (parsed.errors) add(errors, columns_in(*parsed.errors));
  }
  grouping_columns_.assign(groupings.begin(), groupings.end());
  for (const Column& column : fit.data().table.columns) {
    const bool of_trials = trials.contains(column.name) && !ungrouped.contains(column.name);
    if (ungrouped.contains(column.name) || of_trials || errors.contains(column.name)) {
      all_.push_back(predictor_of(column, fit.formula(), false));
      all_.back().is_trials = of_trials && !column.is_text;
    } else if (groupings.contains(column.name)) {
      groupings_.push_back(predictor_of(column, fit.formula(), true));
    }
  }
}

const Predictor& Predictors::at(const std::string& name, bool with_groupings) const {
  for (const Predictor& one : all_) {
    if (one.name == name) return one;
  }
  for (const Predictor& one : groupings_) {
    if (one.name != name) continue;
    if (with_groupings) return one;
    throw UsageError(fmt::format(
        "'{0}' only groups in this model: --group {0} shows its levels, and tarn groups ranks them",
        shown(name)));
  }
  std::vector<std::string> names = names_of(all_);
  if (with_groupings) {
    for (const Predictor& one : groupings_) names.push_back(one.name);
  }
  if (name == response_) {
    throw UsageError(fmt::format("'{}' is the response; the model predicts it from {}", shown(name),
                                 list_of(names)));
  }
  throw UsageError(fmt::format("the model has no column '{}'; {}it predicts from {}", shown(name),
                               did_you_mean(name, names), list_of(names)));
}

}  // namespace tarn::launcher
