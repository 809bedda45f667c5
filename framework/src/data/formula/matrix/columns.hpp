// The columns of a design matrix: which products of variables they are, and their labels.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/formula/language/terms.hpp"
#include "data/formula/values/variable.hpp"

namespace tarn::formula {

/// One factor of a product: a column of numbers, or a value for each level.
struct Piece {
  std::size_t variable = 0;
  std::size_t column = 0;
  std::vector<double> by_level;  // of a factor
  bool full = false;             // the factor has a column for each level
};

/// A product of pieces; without any, the intercept.
struct ProductColumn {
  std::string label;
  std::vector<Piece> pieces;
};

/// Variables of the whole formula, each once.
class Variables {
 public:
  /// The number of the variable, made when first met.
  std::size_t add(const Node& node, Scope& scope);

  const std::vector<Variable>& all() const noexcept { return all_; }

 private:
  std::vector<Variable> all_;
};

/// Columns of a sum of terms, in R's order and with R's labels, except `Intercept`.
std::vector<ProductColumn> columns_of(const Sum& sum, Variables& variables, Scope& scope);

/// `1`, `x`, `x:z`: the terms of a sum as text.
std::vector<std::string> term_labels(const Sum& sum);

}  // namespace tarn::formula
