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
};

Built build(const Parsed& formula, const Expanded& expanded, std::shared_ptr<const Table> table,
            const FormulaOptions& options);

/// The same over new data, with what was learnt.
NewRows build_new(const Parsed& formula, const Expanded& expanded,
                  std::shared_ptr<const Table> table, const FormulaState& state, MissingGroup rule);

/// Rows of the table, from 1.
std::vector<std::size_t> row_numbers(const Frame& frame);

FormulaSummary summary_of(const Parsed& formula, const Expanded& expanded, const Built& built);

}  // namespace tarn::formula
