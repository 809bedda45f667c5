// Arithmetic over columns, evaluated by runs of rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/formula/values/functions.hpp"
#include "data/formula/values/scope.hpp"

namespace tarn::formula {

struct Expression {
  enum class Op {
    constant,
    column,
    is_text,  // 1 where a text column holds the text, else 0
    by_text,  // of a text column: `values` by level
    by_row,   // `values` of the used rows
    function,
    affine,     // (x - shift) / divisor: center() and scale()
    to_digits,  // round(x, digits), of so many `digits`
    to_significant,
    interval,  // cut(): the number, from 1, of the interval between two of `points`; NaN: outside
    place,     // `values` where x is one of `points`, which ascend; NaN: none of them
    number,    // TRUE and FALSE as 1 and 0
    choose,    // ifelse()
    negate,
    invert,
    add,
    subtract,
    multiply,
    divide,
    power,
    remainder,
    whole_quotient,
    smaller,
    larger,
    log_base,
    angle,
    equal,
    unequal,
    less,
    greater,
    at_most,
    at_least,
    both,
    either
  };
  Op op = Op::constant;
  double constant = 0;
  const Column* column = nullptr;
  std::int32_t code = 0;  // is_text: the level
  const Elementary* function = nullptr;
  double shift = 0;
  double divisor = 1;
  int digits = 0;
  std::vector<double> points;
  std::vector<double> values;
  bool right = true;            // interval: closed on the right
  bool include_lowest = false;  // interval: the outermost end belongs to it
  std::vector<Expression> arguments;
  std::string text;  // as R deparses it

  /// Comparisons and their combinations: a factor with the levels FALSE and TRUE, as in R.
  bool is_logical() const noexcept {
    return op == Op::is_text || op == Op::invert || op >= Op::equal;
  }
};

/// Learns what center() and scale() need, unless the scope knows it. Throws InputError with a
/// caret: unknown function or column, text where numbers are needed.
Expression compile(const Node& node, Scope& scope);

/// Values in the used rows [first, first + count), count at most chunk_rows.
void evaluate(const Expression& expression, const Frame& frame, std::size_t first,
              std::size_t count, double* out);

/// The comparison with a text, `g == "a"`; nothing where this is none.
std::optional<Expression> text_comparison(const Node& node, Scope& scope);

/// A call of a function of numbers.
Expression compile_call(const Node& node, Scope& scope);

/// Calls `visit(first, values)` for all rows, run by run; throws InputError for the first value
/// that is not finite: the row, and the column or the function that made it so.
void for_each_run(const Expression& expression, const Frame& frame,
                  const std::function<void(std::size_t, std::span<const double>)>& visit);

/// Throws as above if the i-th used row's value is not finite.
void require_finite(const Expression& expression, const Frame& frame, std::size_t i);

}  // namespace tarn::formula
