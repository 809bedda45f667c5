// The parser of formulas: R's operators with R's precedence, by precedence climbing.
#include "data/formula/language/parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "data/formula/language/token.hpp"
#include "data/formula/language/unsupported.hpp"
#include "tarn/error.hpp"

namespace tarn::formula {
namespace {

struct Precedence {
  std::string_view operation;
  int level;
};

// R's table, loosest first; the unary minus binds tighter than `:`, looser than `^`.
constexpr std::array<Precedence, 19> precedences{{{"|", 1},
                                                  {"||", 1},
                                                  {"&", 2},
                                                  {"&&", 2},
                                                  {"==", 4},
                                                  {"!=", 4},
                                                  {"<", 4},
                                                  {">", 4},
                                                  {"<=", 4},
                                                  {">=", 4},
                                                  {"+", 5},
                                                  {"-", 5},
                                                  {"*", 6},
                                                  {"/", 6},
                                                  {"%in%", 7},
                                                  {"%%", 7},
                                                  {"%/%", 7},
                                                  {":", 8},
                                                  {"^", 10}}};
constexpr int not_level = 3;
constexpr int comparison_level = 4;
constexpr int sign_level = 9;
constexpr int power_level = 10;
constexpr int deepest = 200;           // of nested parentheses
constexpr std::size_t longest = 8192;  // tokens: a sum is a chain of nodes as long as itself

int level_of(const Token& token) {
  if (token.kind != Token::Kind::symbol) return 0;
  for (const Precedence& p : precedences) {
    if (p.operation == token.text) return p.level;
  }
  return 0;
}

class Parser {
 public:
  explicit Parser(std::string_view formula) : formula_(formula), tokens_(tokens(formula)) {
    if (tokens_.size() > longest) {
      throw InputError(
          fmt::format("the formula has {} tokens; at most {} are read", tokens_.size(), longest));
    }
  }

  Parsed parse() {
    if (tokens_.size() == 1) {
      throw InputError("the formula is empty; write for example 'y ~ x + (1 | g)'");
    }
    Parsed parsed;
    parsed.text = formula_;
    if (is("~")) fail("the response is missing before '~'; write for example 'y ~ x'");
    split_left_side(expression(1), parsed);
    if (!is("~")) {
      if (next().kind == Token::Kind::end) {
        fail("a '~' was expected between the response and the terms, as in 'y ~ x'");
      }
      fail("an operator or '~' was expected");
    }
    ++at_;
    parsed.terms = expression(1);
    if (is("~")) fail("a formula has one '~' only");
    if (next().kind != Token::Kind::end) {
      fail(is(")") ? "this ')' closes nothing" : "an operator was expected");
    }
    return parsed;
  }

 private:
  const Token& next() const { return tokens_[at_]; }
  bool is(std::string_view symbol) const {
    return next().kind == Token::Kind::symbol && next().text == symbol;
  }
  [[noreturn]] void fail(std::string_view sentence) const {
    fail_at(formula_, next().at, sentence);
  }

  Node expression(int level) {
    if (++depth_ > deepest) fail("the formula is nested too deeply");
    Node left = operand();
    for (int found = level_of(next()); found >= level && found > 0; found = level_of(next())) {
      Node node;
      node.kind = Node::Kind::operation;
      node.text = next().text;
      node.at = next().at;
      ++at_;
      // `^` associates to the right, and its exponent may carry a sign.
      Node right = found == power_level ? expression(sign_level) : expression(found + 1);
      node.arguments.push_back(std::move(left));
      node.arguments.push_back(std::move(right));
      left = std::move(node);
      if (found == comparison_level && level_of(next()) == comparison_level) {
        fail("comparisons cannot be chained; use '&'");
      }
    }
    --depth_;
    return left;
  }

  Node operand() {
    Node node;
    node.at = next().at;
    if (is("-") || is("+") || is("!")) {
      node.kind = Node::Kind::operation;
      node.text = next().text;
      ++at_;
      node.arguments.push_back(expression(node.text == "!" ? not_level : sign_level));
    } else if (is("(")) {
      ++at_;
      node.kind = Node::Kind::parentheses;
      node.arguments.push_back(expression(1));
      close(node.at);
    } else if (next().kind == Token::Kind::symbol || next().kind == Token::Kind::end) {
      fail(next().kind == Token::Kind::end ? "the formula ends where a term was expected"
                                           : "a column, a number, a function or '(' was expected");
    } else {
      node.text = next().text;
      node.number = next().number;
      node.quoted = next().quoted;
      node.kind = next().kind == Token::Kind::number ? Node::Kind::number
                  : next().kind == Token::Kind::text ? Node::Kind::text
                                                     : Node::Kind::name;
      ++at_;
      if (node.kind == Node::Kind::name && is("(")) read_arguments(node);
    }
    return node;
  }

  /// Whether this is behind the response's bar.
  bool is_addition() const {
    int open = 0;
    bool bar = false;
    for (std::size_t i = 0; i < at_; ++i) {
      if (tokens_[i].kind != Token::Kind::symbol) continue;
      if (tokens_[i].text == "~") return false;
      if (tokens_[i].text == "(") ++open;
      if (tokens_[i].text == ")") --open;
      bar = bar || (open == 0 && tokens_[i].text == "|");
    }
    return bar && open == 0;
  }

  void read_arguments(Node& call) {
    const std::string sentence =
        is_addition() ? unsupported_addition(call.text) : unsupported_function(call.text);
    if (!sentence.empty()) fail_at(formula_, call.at, sentence);
    call.kind = Node::Kind::call;
    const std::size_t open = next().at;
    ++at_;
    if (is(")")) fail(fmt::format("{}() needs an argument", call.text));
    while (true) {
      std::string name;
      const Token& after = tokens_[std::min(at_ + 1, tokens_.size() - 1)];
      if (next().kind == Token::Kind::name && after.kind == Token::Kind::symbol &&
          after.text == "=") {
        name = next().text;
        at_ += 2;
      }
      call.arguments.push_back(expression(1));
      call.argument_names.push_back(std::move(name));
      if (!is(",")) break;
      ++at_;
    }
    close(open);
  }

  void close(std::size_t open) {
    if (is("=")) fail("'=' names an argument of a function; a comparison is '=='");
    if (next().kind == Token::Kind::end || is("~")) {
      fail_at(formula_, open, "the '(' that opens here is never closed");
    }
    if (!is(")")) fail("an operator, ',' or ')' was expected");
    ++at_;
  }

  /// `y | weights(w) + trials(n)`
  void split_left_side(Node left, Parsed& parsed) const {
    if (!left.is_operation("|")) {
      parsed.response = std::move(left);
      return;
    }
    read_addition(left.arguments.back(), parsed);
    parsed.response = std::move(left.arguments.front());
  }

  void read_addition(Node& node, Parsed& parsed) const {
    if (node.is_operation("+") && node.arguments.size() == 2) {
      read_addition(node.arguments.front(), parsed);
      read_addition(node.arguments.back(), parsed);
      return;
    }
    std::optional<Node>* const place = node.is_call("weights")  ? &parsed.weights
                                       : node.is_call("se")     ? &parsed.errors
                                       : node.is_call("trials") ? &parsed.trials
                                                                : nullptr;
    if (place == nullptr) {
      fail_at(formula_, node.at,
              "weights(w), se(s) or trials(n) was expected after the response's '|'");
    }
    if (place->has_value()) {
      fail_at(formula_, node.at, fmt::format("{}() stands twice", node.text));
    }
    if (node.arguments.size() != 1 || !node.argument_names.front().empty()) {
      fail_at(formula_, node.at, fmt::format("{}() takes one column or expression", node.text));
    }
    place->emplace(std::move(node.arguments.front()));
  }

  std::string_view formula_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Parsed parse(std::string_view formula) { return Parser(formula).parse(); }

std::string normalised(const Parsed& formula) {
  std::string additions;
  const auto add = [&additions](std::string_view name, const std::optional<Node>& node) {
    if (!node) return;
    additions += fmt::format("{}{}({})", additions.empty() ? " | " : " + ", name, deparse(*node));
  };
  add("weights", formula.weights);
  add("se", formula.errors);
  add("trials", formula.trials);
  return deparse(formula.response) + additions + " ~ " + deparse(formula.terms);
}

}  // namespace tarn::formula
