// Syntax trees to expressions over the columns of a table.
#include <algorithm>
#include <numbers>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/terms.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/values/constants.hpp"
#include "data/formula/values/expression.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

using Op = Expression::Op;

constexpr std::pair<std::string_view, Op> operations[] = {{"+", Op::add},
                                                          {"-", Op::subtract},
                                                          {"*", Op::multiply},
                                                          {"/", Op::divide},
                                                          {"^", Op::power},
                                                          {"%%", Op::remainder},
                                                          {"%/%", Op::whole_quotient},
                                                          {"==", Op::equal},
                                                          {"!=", Op::unequal},
                                                          {"<", Op::less},
                                                          {">", Op::greater},
                                                          {"<=", Op::at_most},
                                                          {">=", Op::at_least},
                                                          {"&", Op::both},
                                                          {"&&", Op::both},
                                                          {"|", Op::either},
                                                          {"||", Op::either}};

class Compiler {
 public:
  explicit Compiler(Scope& scope) : scope_(scope) {}

  Expression compile(const Node& node) {
    Expression result = build(node);
    result.text = deparse(node);
    return result;
  }

 private:
  [[noreturn]] void fail(const Node& node, const std::string& sentence) const {
    fail_at(scope_.formula, node.at, sentence);
  }

  Expression build(const Node& node) {
    Expression result;
    switch (node.kind) {
      case Node::Kind::number:
        result.constant = node.number;
        return result;
      case Node::Kind::name:
        return is_constant_name(node) ? constant(node) : column(node);
      case Node::Kind::text:
        fail(node, "a text can only be compared with a text column, as in I(g == \"a\")");
      case Node::Kind::parentheses:
        return compile(node.arguments.front());
      case Node::Kind::call:
        return compile_call(node, scope_);
      case Node::Kind::operation:
        return operation(node);
    }
    return result;
  }

  Expression column(const Node& node) {
    Expression result;
    result.op = Op::column;
    result.column = &column_at(node, scope_.formula, scope_.frame.table());
    if (result.column->is_text) {
      fail(node,
           holds_text(*result.column) + "; numbers are needed here" + numbers_by(*result.column));
    }
    return result;
  }

  Expression operation(const Node& node) {
    Expression result;
    if (node.arguments.size() == 1) {
      if (node.text == "+") return compile(node.arguments.front());
      result.op = node.text == "-" ? Op::negate : Op::invert;
      result.arguments.push_back(compile(node.arguments.front()));
      return result;
    }
    if (node.text == "==" || node.text == "!=") {
      if (std::optional<Expression> found = text_comparison(node, scope_)) return *found;
    }
    if (node.text == "%in%") return membership(node);
    for (const auto& [text, op] : operations) {
      if (node.text != text) continue;
      result.op = op;
      result.arguments.push_back(compile(node.arguments.front()));
      result.arguments.push_back(compile(node.arguments.back()));
      return result;
    }
    fail(node,
         fmt::format("'{}' is not arithmetic; numbers are combined with + - * / ^", node.text));
  }

  /// x %in% c(1, 2) and g %in% c("a", "b"), as comparisons that are joined.
  Expression membership(const Node& node) {
    const Node& set = inside(node.arguments.back());
    Node one;
    one.kind = Node::Kind::operation;
    one.text = "==";
    one.at = node.at;
    one.arguments = {node.arguments.front(), set};
    std::vector<Node> members{set};
    if (set.is_call("c")) members = set.arguments;
    std::optional<Expression> all;
    const auto add = [&](Expression member) {
      if (!all) {
        all = std::move(member);
        return;
      }
      Expression either;
      either.op = Op::either;
      either.arguments = {std::move(*all), std::move(member)};
      all = std::move(either);
    };
    for (const Node& member : members) {
      if (inside(member).kind == Node::Kind::text) {
        one.arguments.back() = member;
        add(compile(one));
        continue;
      }
      for (const double value : Constants(scope_).numbers(member)) {
        Expression same;
        same.op = Op::equal;
        same.arguments = {compile(node.arguments.front()), {}};
        same.arguments.back().constant = value;
        add(std::move(same));
      }
    }
    return *all;
  }

  Expression constant(const Node& node) {
    Expression result;
    if (node.text == "pi") {
      result.constant = std::numbers::pi;
    } else if (node.text == "TRUE" || node.text == "FALSE") {
      result.constant = node.text == "TRUE" ? 1 : 0;
    } else {
      fail(node, fmt::format("{} is not a number that can be computed with", node.text));
    }
    return result;
  }

  Scope& scope_;
};

}  // namespace

std::optional<Expression> text_comparison(const Node& node, Scope& scope) {
  const Node* name = &inside(node.arguments.front());
  const Node* text = &inside(node.arguments.back());
  if (name->kind == Node::Kind::text) std::swap(name, text);
  if (name->kind != Node::Kind::name || text->kind != Node::Kind::text) return {};
  const Column& column = column_at(*name, scope.formula, scope.frame.table());
  if (!column.is_text) {
    fail_at(scope.formula, text->at,
            fmt::format("column '{}' holds numbers; compare it with a number", column.name));
  }
  const auto found = std::ranges::find(column.levels, text->text);
  if (found == column.levels.end() && !scope.is_new) {
    fail_at(
        scope.formula, text->at,
        fmt::format("column '{}' never says '{}'; {}", column.name, text->text,
                    did_you_mean(text->text, column.levels) + "it says " + list_of(column.levels)));
  }
  Expression same;
  same.op = Op::is_text;
  same.column = &column;
  constexpr std::int32_t never = -2;  // -1 is a missing value
  same.code = found == column.levels.end()
                  ? never
                  : static_cast<std::int32_t>(found - column.levels.begin());
  same.text = deparse(node);
  if (node.text == "==") return same;
  Expression other;
  other.op = Op::invert;
  other.text = same.text;
  other.arguments.push_back(std::move(same));
  return other;
}

Expression compile(const Node& node, Scope& scope) { return Compiler(scope).compile(node); }

}  // namespace tarn::formula
