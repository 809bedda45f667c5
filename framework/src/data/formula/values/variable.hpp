// A variable of a formula with all that it has learnt: numbers in one or more columns, or a factor.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/formula/basis/basis.hpp"
#include "data/formula/factor/factor.hpp"
#include "data/formula/values/expression.hpp"

namespace tarn::formula {

struct Variable {
  std::string label;
  Expression expression;       // of numbers
  std::optional<Basis> basis;  // poly(), bs(), ns() of the expression
  std::optional<Factor> factor;
  Coding coding;

  bool is_factor() const noexcept { return factor.has_value(); }

  /// Of numbers; 1 without a basis.
  std::size_t columns() const noexcept { return basis ? basis->columns : 1; }
};

/// Gives a node of a term its meaning: a column, a call, a factor. Throws InputError.
Variable variable_of(const Node& node, Scope& scope);

/// The factor that a node stands for: a column of any kind, or factor(...).
Factor grouping_of(const Node& node, Scope& scope);

/// Columns of the numbers in the used rows [first, first + count), the j-th at out + j * stride.
void evaluate(const Variable& variable, const Frame& frame, std::size_t first, std::size_t count,
              double* out, std::size_t stride);

}  // namespace tarn::formula
