// A variable of a formula with all that it has learnt: numbers in one or more columns, or a factor.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/formula/basis/basis.hpp"
#include "data/formula/values/expression.hpp"
#include "data/formula/values/factor.hpp"

namespace tarn::formula {

/// poly(x, z, degree = 2): products of polynomials of several expressions.
struct Polynomials {
  std::vector<Expression> arguments;
  std::vector<Basis> bases;                       // of each argument
  std::vector<std::vector<std::size_t>> degrees;  // of each column, by argument
};

struct Variable {
  std::string label;
  Expression expression;       // of numbers
  std::optional<Basis> basis;  // poly(), bs(), ns() of the expression
  std::optional<Polynomials> polynomials;
  std::optional<Factor> factor;
  Coding coding;

  bool is_factor() const noexcept { return factor.has_value(); }

  /// Of numbers; 1 without a basis.
  std::size_t columns() const noexcept;

  /// What follows the label in that of its j-th column.
  std::string suffix(std::size_t j) const;

  /// All expressions of numbers.
  std::vector<const Expression*> expressions() const;
};

/// Gives a node of a term its meaning: a column, a call, a factor. Throws InputError.
Variable variable_of(const Node& node, Scope& scope);

/// The factor that a node stands for: a column of any kind, or a call that makes a factor.
Factor grouping_of(const Node& node, Scope& scope);

/// Columns of the numbers in the used rows [first, first + count), the j-th at out + j * stride.
void evaluate(const Variable& variable, const Frame& frame, std::size_t first, std::size_t count,
              double* out, std::size_t stride);

}  // namespace tarn::formula
