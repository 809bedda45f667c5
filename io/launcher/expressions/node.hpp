// The syntax tree of an expression over the parameters of a fit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::launcher::expressions {

/// An operator has one or two arguments; `=` is kept, so that it can be refused in words.
struct Node {
  enum class Kind { number, name, call, operation };
  Kind kind = Kind::number;
  std::string text;  // name, function or operator
  double number = 0;
  std::vector<Node> arguments;
  std::size_t at = 0;    // byte where it (or its operator) stands
  std::size_t from = 0;  // the bytes [from, to) are its text, without parentheses around it
  std::size_t to = 0;
  bool quoted = false;  // a name in back quotes

  bool is_operation(std::string_view operation) const {
    return kind == Kind::operation && text == operation;
  }
  bool is_comparison() const;  // < > <= >=
};

/// Throws UsageError with a caret under the place and what was expected.
Node parse(std::string_view text);

/// Throws UsageError: the sentence, the expression, and a caret under byte `at`.
[[noreturn]] void fail_at(std::string_view text, std::size_t at, std::string_view sentence);

}  // namespace tarn::launcher::expressions
