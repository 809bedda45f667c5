// The syntax tree of a formula, and its text as R deparses it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::formula {

/// An operator has one or two arguments; parentheses are a node of their own, as in R, so that
/// labels keep them.
struct Node {
  enum class Kind { number, name, text, call, operation, parentheses };
  Kind kind = Kind::number;
  std::string text;  // name, string, function or operator
  double number = 0;
  std::vector<Node> arguments;
  std::vector<std::string> argument_names;  // of a call; empty where positional
  std::size_t at = 0;                       // byte of the formula where it (or its operator) stands
  bool quoted = false;                      // the name was written in back quotes

  bool is_name(std::string_view name) const { return kind == Kind::name && text == name; }
  bool is_call(std::string_view name) const { return kind == Kind::call && text == name; }
  bool is_operation(std::string_view name) const { return kind == Kind::operation && text == name; }
};

/// Without the parentheses around it.
const Node& inside(const Node& node);

/// `log(diam1 * diam2)`, `bs(x, df = 4)`, `I(x/2)`: the spacing of R's deparse.
std::string deparse(const Node& node);

/// A number as R prints it: 15 significant digits, scientific where that is shorter.
std::string number_text(double number);

}  // namespace tarn::formula
