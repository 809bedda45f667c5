// What a formula became, in the words of `tarn formula`.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "data/formula/build.hpp"
#include "data/formula/notes/columns.hpp"

namespace tarn::formula {
namespace {

/// Whether some column codes the factor by contrasts.
bool is_contrasted(const std::vector<ProductColumn>& columns, std::size_t variable) {
  return std::ranges::any_of(columns, [variable](const ProductColumn& column) {
    return std::ranges::any_of(column.pieces, [variable](const Piece& piece) {
      return piece.variable == variable && !piece.full;
    });
  });
}

void add_factors(const Built& built, FormulaSummary& summary) {
  const DesignRows& rows = *built.rows;
  for (std::size_t v = 0; v < rows.variables.size(); ++v) {
    const Variable& variable = rows.variables[v];
    if (!variable.is_factor()) continue;
    FormulaSummary::Factor factor{variable.label, variable.factor->levels, "indicator", {}};
    bool contrasted = is_contrasted(rows.columns, v);
    for (const auto& term : rows.term_columns) contrasted = contrasted || is_contrasted(term, v);
    if (contrasted) {
      factor.coding = variable.coding.name;
      if (factor.coding == "treatment") factor.reference = factor.levels[variable.coding.reference];
    }
    summary.factors.push_back(std::move(factor));
  }
  for (const Grouping& grouping : built.design.groupings) {
    summary.factors.push_back({grouping.name, grouping.levels, {}, {}});
  }
}

FormulaSummary summary_of(const Parsed& formula, const Expanded& expanded, const Built& built) {
  FormulaSummary summary;
  summary.formula = normalised(formula);
  const DesignRows& rows = *built.rows;
  if (!built.coding.empty()) summary.response.push_back(built.coding);
  if (rows.weights) {
    summary.response.push_back(fmt::format(
        "weights({}): the log likelihood of a row is multiplied by its weight, as if the "
        "row stood there so many times",
        rows.weights->text));
  }
  if (rows.errors) {
    summary.response.push_back(fmt::format(
        "se({}): known standard errors of the response; no sigma is estimated", rows.errors->text));
  }
  if (rows.trials) {
    summary.response.push_back(fmt::format(
        "trials({}): of so many trials the response counts the successes", rows.trials->text));
  }
  summary.terms = term_labels(expanded.population);
  if (!built.learnt.intercept && expanded.population.intercept) {
    summary.terms.erase(summary.terms.begin());
  }
  summary.columns = built.design.coefficients;
  for (const GroupTerm& term : built.design.terms) {
    summary.group_terms.push_back(group_term_text(term, built.design));
  }
  add_factors(built, summary);
  summary.rows_read = built.rows->frame.table().rows;
  summary.rows_used = built.rows->count();
  summary.dropped = built.dropped;
  summary.learnt = built.said;
  summary.notes = built.notes;
  return summary;
}

}  // namespace

FormulaSummary summary_of(const Formulas& formulas, const Built& built) {
  const auto of = [&](std::size_t k, const Built& own) {
    return summary_of(formulas[k].parsed, formulas[k].expanded, own);
  };
  FormulaSummary summary = of(0, built);
  for (std::size_t k = 1; k < formulas.size(); ++k) {
    summary.predictors.push_back(of(k, built.predictors[k - 1]));
  }
  return summary;
}

}  // namespace tarn::formula
