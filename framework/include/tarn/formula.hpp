// Formulas in the notation of R, lme4 and brms: parsed, expanded, and evaluated over a table.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/design.hpp"
#include "tarn/table.hpp"

namespace tarn {

struct FormulaOptions {
  bool center = true;        // the intercept's prior is at the covariates' means
  bool drop_missing = true;  // false: missing values in used columns are an error
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
};

struct ParsedDesign {
  Design design;
  FormulaSummary summary;
};

/// Names of the columns that a formula uses, so that a reader may skip the rest. Throws InputError
/// with a caret under the place and what was expected.
std::vector<std::string> formula_columns(std::string_view formula);

/// Parses, expands and evaluates. Throws InputError: unknown column (nearest match), text where
/// numbers are needed (line and value), no rows left, constant response, infinite values, a rank
/// deficient design (names the columns), a grouping factor with one level.
ParsedDesign make_design(std::string_view formula, std::shared_ptr<const Table> table,
                         const FormulaOptions& options = {});

}  // namespace tarn
