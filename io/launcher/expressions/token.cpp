// The lexer of expressions. A name takes its brackets with it, whatever stands between them.
#include "expressions/token.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "expressions/node.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher::expressions {
namespace {

constexpr std::array<std::string_view, 20> symbols{"<=", ">=", "==", "!=", "&&", "||", "**",
                                                   "<",  ">",  "=",  "+",  "-",  "*",  "/",
                                                   "^",  "(",  ")",  ",",  "&",  "|"};

bool is_number(char c) { return c >= '0' && c <= '9'; }

/// Bytes of UTF-8 sequences count as letters.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    Token token;
    token.at = at_;
    if (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_number(c) || (c == '.' && at_ + 1 < text_.size() && is_number(text_[at_ + 1]))) {
        read_digits(token);
      } else if (begins_name(c) || c == '.' || c == '`') {
        read_whole_name(token);
      } else {
        read_operator(token);
      }
    }
    token.to = at_;
    return token;
  }

 private:
  bool here(char c) const { return at_ < text_.size() && text_[at_] == c; }

  void read_digits(Token& token) {
    token.kind = Token::Kind::number;
    const char* const first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), token.number);
    if (error != std::errc{}) fail_at(text_, at_, "this number is out of range");
    token.text.assign(first, end);
    at_ += token.text.size();
    if (at_ < text_.size() && (begins_name(text_[at_]) || here('.') || here('['))) {
      fail_at(text_, at_,
              fmt::format("an operator was expected after the number {}; a name that begins with a "
                          "digit is written in back quotes",
                          token.text));
    }
  }

  void read_whole_name(Token& token) {
    token.kind = Token::Kind::name;
    if (here('`')) {
      const std::size_t end = text_.find('`', at_ + 1);
      if (end == std::string_view::npos) {
        fail_at(text_, at_, "the quote ` that opens here is never closed");
      }
      token.quoted = true;
      token.text = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      if (token.text.empty()) fail_at(text_, token.at, "there is no name between these quotes");
      return;
    }
    const auto belongs = [&] {
      const char c = text_[at_];
      return begins_name(c) || is_number(c) || c == '.' ||
             (c == ':' && at_ + 1 < text_.size() &&
              (begins_name(text_[at_ + 1]) || is_number(text_[at_ + 1])));
    };
    while (at_ < text_.size() && belongs()) token.text += text_[at_++];
    if (here('[')) read_brackets(token);
  }

  void read_brackets(Token& token) {
    const std::size_t opened = at_;
    std::size_t depth = 0;
    do {
      if (at_ == text_.size()) {
        fail_at(text_, opened,
                "the bracket [ that opens here is never closed; a name with an odd bracket in it "
                "is written in back quotes");
      }
      if (text_[at_] == '[') ++depth;
      if (text_[at_] == ']') --depth;
      token.text += text_[at_++];
    } while (depth > 0);
  }

  void read_operator(Token& token) {
    token.kind = Token::Kind::symbol;
    for (const std::string_view symbol : symbols) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      if (symbol == "&&" || symbol == "&") fail_at(text_, at_, "'and' is written as a word");
      if (symbol == "||" || symbol == "|") fail_at(text_, at_, "'or' is written as a word");
      if (symbol == "!=") refuse_equality(symbol);
      token.text = symbol == "**" ? "^" : symbol;
      at_ += symbol.size();
      return;
    }
    const char c = text_[at_];
    if (c == '!') fail_at(text_, at_, "'not' is written as a word");
    const bool plain = c > ' ' && c < 0x7f;
    fail_at(text_, at_,
            plain ? fmt::format("'{}' has no meaning in an expression", c)
                  : std::string("this character has no meaning in an expression"));
  }

  [[noreturn]] void refuse_equality(std::string_view symbol) {
    fail_at(text_, at_,
            fmt::format("'{}' is true in every draw: two continuous quantities are never equal; "
                        "ask for < or >",
                        symbol));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokens(std::string_view text) {
  Reader reader(text);
  std::vector<Token> all;
  do {
    all.push_back(reader.next());
  } while (all.back().kind != Token::Kind::end);
  return all;
}

void fail_at(std::string_view text, std::size_t at, std::string_view sentence) {
  std::string line(text);
  std::ranges::replace_if(line, is_blank, ' ');
  // The caret counts characters, not bytes: continuation bytes of UTF-8 take no place.
  const auto columns = std::count_if(text.begin(), text.begin() + as_index(at), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  throw UsageError(
      fmt::format("{}\n  {}\n  {:>{}}", sentence, shown(line), "^", static_cast<int>(columns) + 1));
}

}  // namespace tarn::launcher::expressions
