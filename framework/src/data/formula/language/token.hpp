// A formula's text as tokens with their places, and the error that points at a place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::formula {

struct Token {
  enum class Kind { number, name, text, symbol, end };
  Kind kind = Kind::end;
  std::string text;     // a name without its quotes, a symbol as written
  double number = 0;    // of a number
  bool quoted = false;  // a back-quoted name
  std::size_t at = 0;   // byte where it starts
};

std::vector<Token> tokens(std::string_view formula);

/// Throws InputError: the sentence, the formula, and a caret under byte `at`.
[[noreturn]] void fail_at(std::string_view formula, std::size_t at, std::string_view sentence);

}  // namespace tarn::formula
