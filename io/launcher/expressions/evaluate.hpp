// Expressions over the draws of a fit, draw by draw.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expressions/names.hpp"
#include "expressions/node.hpp"
#include "tarn/draws.hpp"
#include "tarn/vector.hpp"

namespace tarn::launcher::expressions {

/// An expression that was understood: its names are found, its types are right. Numbers over the
/// draws, those of chain 0 first.
class Expression {
 public:
  /// Throws UsageError with a caret: syntax, an unknown or ambiguous name or function, a comparison
  /// where a number is needed, an equality.
  Expression(std::string text, const Names& names);

  const std::string& text() const noexcept { return text_; }

  /// True in some draws and false in others, if at all.
  bool is_condition() const noexcept;

  /// One comparison of two numbers, with nothing around it.
  bool is_comparison() const noexcept { return root_.is_comparison(); }

  /// Of such: `left - right`, and as text.
  std::string difference_text() const;
  Vector difference(const Draws& draws) const;

  /// The numbers; 0 and 1 of a condition. Throws InputError with a caret where a draw has no value:
  /// the logarithm of a negative number.
  Vector values(const Draws& draws) const;

 private:
  struct Found {
    std::size_t at;
    Quantity quantity;
  };
  void check(const Node& node, const Names& names);
  void need(const Node& node, bool condition, std::string_view by) const;
  Vector value(const Node& node, const Draws& draws) const;
  Vector operation(const Node& node, const Draws& draws) const;
  Vector call(const Node& node, const Draws& draws) const;
  Vector column(const Node& node, const Draws& draws) const;

  std::string text_;
  Node root_;
  std::vector<Found> found_;
};

/// The draws of a quantity.
Vector draws_of(const Quantity& quantity, const Draws& draws);

}  // namespace tarn::launcher::expressions
