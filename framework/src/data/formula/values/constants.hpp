// Arguments that are no columns: numbers, texts, TRUE and FALSE.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/formula/values/expression.hpp"

namespace tarn::formula {

/// Reads them, and learns the numbers that columns give: quantile(x), mean(x). Throws InputError
/// with a caret under what is something else.
class Constants {
 public:
  explicit Constants(Scope& scope) : scope_(scope) {}

  /// `3`, `-Inf`, `c(1, 2)`, `seq(0, 10, by = 2)`, `1:3`, `quantile(x)`, and their arithmetic.
  std::vector<double> numbers(const Node& node);
  double number(const Node& node);

  /// A whole number from 1 to 100.
  std::size_t whole(const Node& node);

  bool truth(const Node& node) const;

  /// `"a"` or `c("a", "b")`.
  std::vector<std::string> texts(const Node& node) const;

 private:
  [[noreturn]] void fail(const Node& node, std::string_view sentence) const;
  std::vector<double> operation(const Node& node);
  std::vector<double> sequence(const Node& node);
  std::vector<double> quantiles(const Node& node);

  Scope& scope_;
};

/// The values of an expression in all used rows.
std::vector<double> all_values(const Expression& expression, const Frame& frame);

}  // namespace tarn::formula
