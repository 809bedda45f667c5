// Syntax trees to expressions over the columns of a table.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/values/expression.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

using Op = Expression::Op;

constexpr std::pair<std::string_view, Op> operations[] = {
    {"+", Op::add},   {"-", Op::subtract},   {"*", Op::multiply}, {"/", Op::divide},
    {"^", Op::power}, {"%%", Op::remainder}, {"==", Op::equal},   {"!=", Op::unequal},
    {"<", Op::less},  {">", Op::greater},    {"<=", Op::at_most}, {">=", Op::at_least},
    {"&", Op::both},  {"&&", Op::both},      {"|", Op::either},   {"||", Op::either}};

/// Mean and standard deviation, in one pass over runs (Chan, Golub & LeVeque 1983).
std::pair<double, double> mean_and_sd(const Expression& expression, const Frame& frame) {
  double mean = 0;
  double squares = 0;
  double n = 0;
  for_each_run(expression, frame, [&](std::size_t, std::span<const double> values) {
    double sum = 0;
    for (const double value : values) sum += value;
    const auto m = static_cast<double>(values.size());
    const double here = sum / m;
    double squares_here = 0;
    for (const double value : values) squares_here += (value - here) * (value - here);
    const double step = here - mean;
    squares += squares_here + step * step * n * m / (n + m);
    mean += step * m / (n + m);
    n += m;
  });
  return {mean, n > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

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
        return column(node);
      case Node::Kind::text:
        fail(node, "a text can only be compared with a text column, as in I(g == \"a\")");
      case Node::Kind::parentheses:
        return compile(node.arguments.front());
      case Node::Kind::call:
        return call(node);
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

  Expression call(const Node& node) {
    const std::vector<std::string> known = function_names();
    if (std::ranges::find(known, node.text) == known.end()) {
      fail(node, fmt::format("unknown function '{}'; {}the functions are {}", node.text,
                             did_you_mean(node.text, known), list_of(known, known.size())));
    }
    const Elementary* const elementary = find_elementary(node.text);
    const bool affine = node.text == "center" || node.text == "scale";
    if (elementary == nullptr && !affine) {
      fail(node, fmt::format("{}() makes several columns; it stands alone in a term", node.text));
    }
    if (node.arguments.size() != 1 || !node.argument_names.front().empty()) {
      fail(node, fmt::format("{}() takes one column or expression", node.text));
    }
    Expression argument = compile(node.arguments.front());
    if (node.text == "I") return argument;
    Expression result;
    result.op = affine ? Op::affine : Op::function;
    if (affine) {
      learn_affine(node, argument, result);
    } else {
      result.function = elementary;
    }
    result.arguments.push_back(std::move(argument));
    return result;
  }

  void learn_affine(const Node& node, const Expression& argument, Expression& result) {
    const std::string key = deparse(node);
    auto known = scope_.learnt.numbers.find(key);
    if (known == scope_.learnt.numbers.end()) {
      const auto [mean, sd] = mean_and_sd(argument, scope_.frame);
      const bool scales = node.text == "scale";
      if (scales && sd <= 1e-14 * std::abs(mean)) {
        fail(node, fmt::format("{} is constant, so {} has no meaning", argument.text, key));
      }
      known = scope_.learnt.numbers.emplace(key, std::vector{mean, scales ? sd : 1}).first;
      scope_.notes.push_back(scales ? fmt::format("{}: mean {}, sd {}", key, mean, sd)
                                    : fmt::format("{}: mean {}", key, mean));
    }
    result.shift = known->second[0];
    result.divisor = known->second[1];
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
      if (text_comparison(node, result)) return result;
    }
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

  /// g == "a" for a text column g.
  bool text_comparison(const Node& node, Expression& result) {
    const Node* name = &inside(node.arguments.front());
    const Node* text = &inside(node.arguments.back());
    if (name->kind == Node::Kind::text) std::swap(name, text);
    if (name->kind != Node::Kind::name || text->kind != Node::Kind::text) return false;
    const Column& column = column_at(*name, scope_.formula, scope_.frame.table());
    if (!column.is_text) {
      fail(*text, fmt::format("column '{}' holds numbers; compare it with a number", column.name));
    }
    const auto found = std::ranges::find(column.levels, text->text);
    if (found == column.levels.end() && !scope_.is_new) {
      fail(*text, fmt::format("column '{}' never says '{}'; {}", column.name, text->text,
                              did_you_mean(text->text, column.levels) + "it says " +
                                  list_of(column.levels)));
    }
    Expression same;
    same.op = Op::is_text;
    same.column = &column;
    constexpr std::int32_t never = -2;  // -1 is a missing value
    same.code = found == column.levels.end()
                    ? never
                    : static_cast<std::int32_t>(found - column.levels.begin());
    same.text = deparse(node);
    if (node.text == "==") {
      result = std::move(same);
    } else {
      result.op = Op::invert;
      result.arguments.push_back(std::move(same));
    }
    return true;
  }

  Scope& scope_;
};

}  // namespace

Expression compile(const Node& node, Scope& scope) { return Compiler(scope).compile(node); }

}  // namespace tarn::formula
