// Recursive descent, loosest first: or, and, not, comparison, + -, * /, sign, ^ (from the right).
#include <array>
#include <utility>

#include <fmt/format.h>

#include "expressions/node.hpp"
#include "expressions/token.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher::expressions {
namespace {

/// Deeper than anybody writes, and far from the end of the stack.
constexpr std::size_t deepest = 200;
constexpr std::size_t most_tokens = 5000;  // a sum of so many is a tree as deep

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), tokens_(tokens(text)) {}

  Node whole() {
    if (now().kind == Token::Kind::end) fail_at(text_, 0, "there is no expression");
    if (tokens_.size() > most_tokens) fail_at(text_, 0, "the expression is too long");
    Node node = either();
    if (now().kind != Token::Kind::end) {
      fail(now().is(")") ? "there is no parenthesis that this one closes"
                         : fmt::format("an operator was expected before '{}'", shown(now().text)));
    }
    return node;
  }

 private:
  const Token& now() const { return tokens_[next_]; }
  [[noreturn]] void fail(std::string_view sentence) const { fail_at(text_, now().at, sentence); }

  Node joined(const Token& sign, Node left, Node right) const {
    Node node{Node::Kind::operation, sign.text, 0, {}, sign.at, left.from, right.to};
    node.arguments.push_back(std::move(left));
    node.arguments.push_back(std::move(right));
    return node;
  }

  Node applied(const Token& sign, Node argument) const {
    Node node{Node::Kind::operation, sign.text, 0, {}, sign.at, sign.at, argument.to};
    node.arguments.push_back(std::move(argument));
    return node;
  }

  Node either() {
    Node node = both();
    while (now().is_word("or")) {
      const Token sign = tokens_[next_++];
      node = joined(sign, std::move(node), both());
    }
    return node;
  }

  Node both() {
    Node node = negation();
    while (now().is_word("and")) {
      const Token sign = tokens_[next_++];
      node = joined(sign, std::move(node), negation());
    }
    return node;
  }

  Node negation() {
    const Deeper deeper(*this);
    if (!now().is_word("not")) return comparison();
    const Token sign = tokens_[next_++];
    return applied(sign, negation());
  }

  Node comparison() {
    Node node = sum();
    if (!compares(now())) return node;
    const Token sign = tokens_[next_++];
    node = joined(sign, std::move(node), sum());
    if (compares(now())) fail("a comparison has two sides: write 0 < x and x < 1");
    return node;
  }

  static bool compares(const Token& token) {
    constexpr std::array<std::string_view, 6> signs{"<", ">", "<=", ">=", "=", "=="};
    for (const std::string_view sign : signs) {
      if (token.is(sign)) return true;
    }
    return false;
  }

  Node sum() {
    Node node = product();
    while (now().is("+") || now().is("-")) {
      const Token sign = tokens_[next_++];
      node = joined(sign, std::move(node), product());
    }
    return node;
  }

  Node product() {
    Node node = signed_power();
    while (now().is("*") || now().is("/")) {
      const Token sign = tokens_[next_++];
      node = joined(sign, std::move(node), signed_power());
    }
    return node;
  }

  Node signed_power() {
    const Deeper deeper(*this);
    if (!now().is("-") && !now().is("+")) return power();
    const Token sign = tokens_[next_++];
    return applied(sign, signed_power());
  }

  Node power() {
    Node base = operand();
    if (!now().is("^")) return base;
    const Token sign = tokens_[next_++];
    return joined(sign, std::move(base), signed_power());
  }

  Node operand() {
    const Deeper deeper(*this);
    const Token token = now();
    if (token.is("(")) return parenthesis();
    if (token.kind == Token::Kind::number) {
      ++next_;
      return {Node::Kind::number, token.text, token.number, {}, token.at, token.at, token.to};
    }
    if (token.kind != Token::Kind::name || is_keyword(token)) {
      fail(token.kind == Token::Kind::end ? "the expression ends where a name or a number was "
                                            "expected"
                                          : "a name or a number was expected here");
    }
    ++next_;
    if (now().is("(") && !token.quoted && token.text.find('[') == std::string::npos) {
      return call(token);
    }
    Node node{Node::Kind::name, token.text, 0, {}, token.at, token.at, token.to};
    node.quoted = token.quoted;
    return node;
  }

  static bool is_keyword(const Token& token) {
    return token.is_word("and") || token.is_word("or") || token.is_word("not");
  }

  Node parenthesis() {
    const Token opened = tokens_[next_++];
    Node node = either();
    if (!now().is(")")) fail_at(text_, opened.at, "this parenthesis is never closed");
    ++next_;
    return node;
  }

  Node call(const Token& function) {
    Node node{Node::Kind::call, function.text, 0, {}, function.at, function.at, function.to};
    const Token opened = tokens_[next_++];
    do {
      node.arguments.push_back(either());
    } while (now().is(",") && (++next_, true));
    if (!now().is(")")) fail_at(text_, opened.at, "this parenthesis is never closed");
    node.to = tokens_[next_++].to;
    return node;
  }

  /// Counts how deep the recursion is.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > deepest) parser_.fail("the expression is nested too deeply");
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

bool Node::is_comparison() const {
  return is_operation("<") || is_operation(">") || is_operation("<=") || is_operation(">=");
}

Node parse(std::string_view text) { return Parser(text).whole(); }

}  // namespace tarn::launcher::expressions
