// Which rows of a table a formula can use, and why not the others.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/formula/language/terms.hpp"
#include "data/formula/values/scope.hpp"
#include "tarn/formula.hpp"

namespace tarn::formula {

/// The rows of a fit: those that have all columns, and a value for calls that may have none, such
/// as cut(x, c(0, 5)). `dropped` gets a line for each column and call, `said` what calls learnt.
/// Throws InputError where none is left, or where options forbid to drop. `learnt` has a place for
/// each of the further formulas.
Frame rows_of_fit(const Formulas& formulas, std::shared_ptr<const Table> table,
                  const FormulaOptions& options, FormulaState& learnt,
                  std::vector<std::string>& dropped, std::vector<std::string>& said);

/// What the formula of this number learns.
FormulaState& state_of(FormulaState& learnt, std::size_t formula);

/// The rows of new data that can be predicted, and the others with their reasons.
class NewFrame {
 public:
  /// Groupings count among the columns as the rule says.
  NewFrame(const Formulas& formulas, std::shared_ptr<const Table> table, FormulaState& learnt,
           MissingGroup rule);

  const Frame& frame() const noexcept { return frame_; }

  /// Takes used rows out, one entry for each; an empty reason keeps the row.
  void take_out(const std::vector<std::string>& reasons);

  std::vector<MissingRow> missing() const;

 private:
  void take_out_missing(const Formulas& formulas, MissingGroup rule);
  void take_out_partial(const Formula& formula, FormulaState& learnt, bool groupings);

  Frame frame_;
  std::map<std::size_t, std::string> reasons_;  // by row, from 1
};

}  // namespace tarn::formula
