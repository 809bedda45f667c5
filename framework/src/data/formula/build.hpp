// From an expanded formula and a table to a design.
#pragma once

#include <memory>

#include "data/formula/language/terms.hpp"
#include "data/formula/matrix/rows.hpp"
#include "data/formula/values/scope.hpp"
#include "tarn/formula.hpp"

namespace tarn::formula {

/// Everything known about a formula over a table.
struct Built {
  Design design;
  std::shared_ptr<DesignRows> rows;
  FormulaState learnt;
  std::string coding;              // of a response that is text, in words
  std::vector<std::string> said;   // what was learnt, in words
  std::vector<std::string> notes;  // what the user should know
  std::vector<std::string> dropped;
  std::vector<Built> predictors;  // of the further formulas
};

/// One of them over these rows. `built` holds what has been learnt, and of a parameter's formula
/// the response.
void build_one(const Formula& formula, Frame frame, const FormulaOptions& options, Built& built);

/// The same over new rows.
struct NewBuilt {
  Built built;
  std::vector<std::size_t> known;  // levels of each grouping
  std::vector<std::string> cells;  // that rows need and the fit left out; empty: none
};
NewBuilt build_one_new(const Formula& formula, Frame frame, bool has_response,
                       const FormulaState& state, MissingGroup rule);

Built build(const Formulas& formulas, std::shared_ptr<const Table> table,
            const FormulaOptions& options);

/// The same over new data, with what was learnt.
NewRows build_new(const Formulas& formulas, std::shared_ptr<const Table> table,
                  const FormulaState& state, MissingGroup rule);

/// Rows of the table, from 1.
std::vector<std::size_t> row_numbers(const Frame& frame);

FormulaSummary summary_of(const Formulas& formulas, const Built& built);

}  // namespace tarn::formula
