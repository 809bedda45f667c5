// Formulas in the notation of R, lme4 and brms: parsed, expanded, and evaluated over a table.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/design.hpp"
#include "tarn/family.hpp"
#include "tarn/table.hpp"

namespace tarn {

struct FormulaOptions {
  bool center = true;                          // the intercept's prior is at the covariates' means
  bool center_groups = true;                   // and those of correlated group effects, if `center`
  bool drop_missing = true;                    // false: missing values in used columns are an error
  ResponseKind response = ResponseKind::real;  // of the family
  bool intercept = true;  // false: a parameter of the family takes the population intercept's place
};

/// What a formula became, for `tarn formula`.
struct FormulaSummary {
  struct Factor {
    std::string name;
    std::vector<std::string> levels;
    std::string coding;     // "treatment", "sum", "helmert", "indicator" (a column for each
                            // level); empty for a grouping factor
    std::string reference;  // the reference level, if any
  };
  std::string formula;                   // normalised text
  std::vector<std::string> response;     // what weights() and se() mean for it, in sentences
  std::vector<std::string> terms;        // expanded population terms: "1", "x", "x:z"
  std::vector<std::string> columns;      // labels of the design matrix
  std::vector<std::string> group_terms;  // "(1 + x | g)"
  std::vector<Factor> factors;
  std::size_t rows_read = 0;
  std::size_t rows_used = 0;
  std::vector<std::string> dropped;  // why rows were dropped, per column: "x: 3 missing"
  std::vector<std::string> learnt;   // what stateful transforms learnt: "center(x): mean 3.2"
  std::vector<std::string> notes;    // what the user should know of data and design: sentences
  std::vector<FormulaSummary> predictors;  // of the further formulas: of each its own parts
};

/// What a formula learnt from its data. With it the same formula means the same over other data.
struct FormulaState {
  /// Of stateful calls, by their text: mean and divisor of center(x) and scale(x), degree or knots
  /// of poly(x, 2) and bs(x), breaks of cut(x, 3), mean(x).
  std::map<std::string, std::vector<double>> numbers;
  std::map<std::string, std::vector<std::string>> levels;  // of factors, by their text
  std::vector<std::string> others;                         // the columns that `.` stands for
  std::vector<std::string> coefficients;                   // the columns of X
  std::vector<double> center;                              // subtracted from them
  std::vector<std::vector<double>> group_center;           // from those of each group term
  /// Columns that are 0 in every row of the fit, `fc:hv` or, of a group term, `fc:hv | g`: they are
  /// no part of the model. Each with its cell: `f = c with h = v`.
  std::map<std::string, std::string> left_out;
  bool intercept = true;                 // FormulaOptions::intercept
  std::vector<FormulaState> predictors;  // of the further formulas
};

struct ParsedDesign {
  Design design;
  FormulaSummary summary;
  FormulaState state;
  std::vector<std::string> columns;      // of the table, that the formula uses
  std::vector<std::size_t> row_numbers;  // of the rows used, in the table, from 1
  std::function<Vector()> response;      // the left side over these rows
};

/// What a row of new data gets whose group is missing.
enum class MissingGroup {
  missing,  // nothing: the row is one that cannot be predicted
  shared,   // a level that the fit has not seen, the same for all such rows
  own,      // a level that the fit has not seen, for each such row another
  ignored   // groupings are not read and need not be there: every level is 0
};

/// A row that the formula says nothing of.
struct MissingRow {
  std::size_t number = 0;  // in the table, from 1
  std::string reason;      // "x is missing", "no row of the fit has f = c with h = v"
};

/// Rows of data that nothing was learnt from.
struct NewRows {
  std::shared_ptr<const RowSource> rows;  // y is NaN where there is no response
  bool has_response = false;
  std::vector<Grouping> groupings;  // known levels as in the fit, then those it has not seen
  std::vector<std::size_t> known;   // of each grouping: how many of its levels the fit has seen
  std::vector<std::size_t> row_numbers;  // in the table, from 1
  std::vector<MissingRow> missing;       // the other rows of the table
  std::vector<std::string> notes = {};   // codes that were taken as missing values
};

/// Names of the columns that formulas use, so that a reader may skip the rest; none where `.`
/// stands for all. Throws InputError with a caret under the place and what was expected.
std::vector<std::string> formula_columns(std::string_view formula);
std::vector<std::string> formula_columns(const std::vector<std::string>& formulas);

/// Parses, expands and evaluates. Throws InputError: unknown column (nearest match), text where
/// numbers are needed (line and value), no rows left, constant response, infinite values, a rank
/// deficient design (names the columns), a grouping factor with one level. Columns of interactions
/// that are 0 in every row are left out, with a note. Of several formulas the first is that of the
/// response; the others have a parameter of the family on their left (`sigma ~ x`), which need not
/// be known yet.
ParsedDesign make_design(std::string_view formula, std::shared_ptr<const Table> table,
                         const FormulaOptions& options = {});
ParsedDesign make_design(const std::vector<std::string>& formulas,
                         std::shared_ptr<const Table> table, const FormulaOptions& options = {});

/// The formulas over new data, with what they learnt from the fit's. Of the left side only se(s)
/// and trials(n) must be there; weights are not read. Rows that lack a value, or need a column that
/// was left out, are told apart. Throws InputError as above, and for a level of a factor that the
/// fit has not seen, unless the factor only groups. Groupings are numbered as by
/// Design::grouping().
NewRows make_new_rows(std::string_view formula, std::shared_ptr<const Table> table,
                      const FormulaState& state, MissingGroup rule = MissingGroup::missing);
NewRows make_new_rows(const std::vector<std::string>& formulas, std::shared_ptr<const Table> table,
                      const FormulaState& state, MissingGroup rule = MissingGroup::missing);

}  // namespace tarn
