// The lexer of formulas: R's names, numbers, strings and operators.
#include "data/formula/language/token.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "data/formula/language/words.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"

namespace tarn::formula {
namespace {

constexpr std::array<std::string_view, 26> symbols{
    "%in%", "%/%", "||", "&&", "==", "!=", "<=", ">=", "**", "+", "-", "*", "/",
    "^",    ":",   "~",  "|",  "&",  "!",  "<",  ">",  "(",  ")", ",", "=", "%%"};

/// Bytes of UTF-8 sequences count as letters, as in R under a UTF-8 locale.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Lexer {
 public:
  explicit Lexer(std::string_view formula) : formula_(formula) {}

  Token next() {
    while (at_ < formula_.size() && is_space(formula_[at_])) ++at_;
    Token token;
    token.at = at_;
    if (at_ == formula_.size()) return token;
    const char c = formula_[at_];
    const bool point_number = c == '.' && at_ + 1 < formula_.size() && is_digit(formula_[at_ + 1]);
    if (is_digit(c) || point_number) {
      read_number(token);
    } else if (is_letter(c) || c == '.') {
      read_name(token);
    } else if (c == '`' || c == '"' || c == '\'') {
      read_quoted(token, c);
    } else {
      read_symbol(token);
    }
    return token;
  }

 private:
  void read_number(Token& token) {
    token.kind = Token::Kind::number;
    const char* const first = formula_.data() + at_;
    const auto [end, error] =
        std::from_chars(first, formula_.data() + formula_.size(), token.number);
    if (error != std::errc{}) fail_at(formula_, at_, "this number is out of range");
    token.text.assign(first, end);
    at_ += token.text.size();
    if (at_ < formula_.size() && is_letter(formula_[at_])) {
      fail_at(formula_, at_,
              fmt::format("an operator was expected after the number {}; the name of a column that "
                          "starts with a digit is written in back quotes",
                          token.text));
    }
  }

  void read_name(Token& token) {
    token.kind = Token::Kind::name;
    const auto belongs = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_'; };
    while (at_ < formula_.size() && belongs(formula_[at_])) token.text += formula_[at_++];
  }

  void read_quoted(Token& token, char quote) {
    const std::size_t end = formula_.find(quote, at_ + 1);
    if (end == std::string_view::npos) {
      fail_at(formula_, at_, fmt::format("the quote {} that opens here is never closed", quote));
    }
    token.kind = quote == '`' ? Token::Kind::name : Token::Kind::text;
    token.quoted = quote == '`';
    token.text = formula_.substr(at_ + 1, end - at_ - 1);
    if (token.quoted && token.text.empty()) fail_at(formula_, at_, "an empty name");
    at_ = end + 1;
  }

  void read_symbol(Token& token) {
    token.kind = Token::Kind::symbol;
    for (const std::string_view symbol : symbols) {
      if (formula_.substr(at_, symbol.size()) == symbol) {
        token.text = symbol == "**" ? "^" : symbol;
        at_ += symbol.size();
        return;
      }
    }
    const char c = formula_[at_];
    const bool plain = c > ' ' && c < 0x7f;
    fail_at(formula_, at_,
            plain ? fmt::format("'{}' has no meaning in a formula", c)
                  : std::string("this character has no meaning in a formula"));
  }

  std::string_view formula_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokens(std::string_view formula) {
  Lexer lexer(formula);
  std::vector<Token> result;
  do {
    result.push_back(lexer.next());
  } while (result.back().kind != Token::Kind::end);
  return result;
}

void fail_at(std::string_view formula, std::size_t at, std::string_view sentence) {
  std::string line(formula);
  std::ranges::replace_if(line, is_space, ' ');
  // The caret counts characters, not bytes: continuation bytes of UTF-8 take no place.
  const auto columns = std::count_if(formula.begin(), formula.begin() + as_index(at), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  throw InputError(
      fmt::format("{}\n  {}\n  {:>{}}", sentence, line, "^", static_cast<int>(columns) + 1));
}

}  // namespace tarn::formula
