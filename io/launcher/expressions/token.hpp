// An expression's text as tokens with their places.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::launcher::expressions {

struct Token {
  enum class Kind { number, name, symbol, end };
  Kind kind = Kind::end;
  std::string text;  // a name with its brackets, without its quotes; a symbol as written
  double number = 0;
  bool quoted = false;
  std::size_t at = 0;  // the bytes [at, to)
  std::size_t to = 0;

  bool is(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
  bool is_word(std::string_view word) const {
    return kind == Kind::name && !quoted && text == word;
  }
};

std::vector<Token> tokens(std::string_view text);

}  // namespace tarn::launcher::expressions
