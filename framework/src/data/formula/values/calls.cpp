// Compiles calls of numeric functions, and what they learn from the rows.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "data/formula/language/terms.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/values/call.hpp"
#include "data/formula/values/category.hpp"
#include "data/formula/values/constants.hpp"
#include "data/formula/values/cut.hpp"
#include "data/formula/values/expression.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

using Op = Expression::Op;

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

/// The root of the mean square about a number, over n - 1 as in R.
double root_mean_square_about(double about, const Expression& expression, const Frame& frame) {
  double squares = 0;
  for_each_run(expression, frame, [&](std::size_t, std::span<const double> values) {
    for (const double value : values) squares += (value - about) * (value - about);
  });
  return std::sqrt(squares / static_cast<double>(std::max<std::size_t>(frame.count(), 2) - 1));
}

/// The whole cell as a number, blanks at its ends aside.
std::optional<double> number_in(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  return read_number<double>(text);
}

class CallCompiler {
 public:
  CallCompiler(const Node& node, Scope& scope) : node_(node), scope_(scope) {}

  Expression build() {
    const std::string& name = node_.text;
    if (name == "center") return affine(call({"x"}));
    if (name == "scale") return affine(call({"x", "center", "scale"}));
    if (name == "round" && node_.arguments.size() > 1) return to_digits(Op::to_digits);
    if (name == "signif") return to_digits(Op::to_significant);
    if (name == "log" && node_.arguments.size() == 2) return log_to_base();
    if (name == "atan2") return both(Op::angle, call({"y", "x"}), "y", "x");
    if (name == "pmin" || name == "pmax") return extreme(name == "pmin" ? Op::smaller : Op::larger);
    if (name == "ifelse") return choice();
    if (name == "as.numeric" || name == "as.double" || name == "as.integer") return as_number();
    if (name == "cut") return interval();
    if (find_statistic(name) != nullptr) return statistic();
    if (name == "quantile") {
      Expression result;
      result.constant = Constants(scope_).number(node_);
      return result;
    }
    const Elementary* const elementary = find_elementary(name);
    if (elementary == nullptr) refuse();
    if (node_.arguments.size() != 1 || !node_.argument_names.front().empty()) {
      fail(node_, fmt::format("{}() takes one column or expression", name));
    }
    Expression argument = compile(node_.arguments.front(), scope_);
    if (name == "I") return argument;
    return of(Op::function, std::move(argument), elementary);
  }

 private:
  [[noreturn]] void fail(const Node& node, const std::string& sentence) const {
    fail_at(scope_.formula, node.at, sentence);
  }

  [[noreturn]] void refuse() const {
    const std::vector<std::string> known = function_names();
    if (std::ranges::find(known, node_.text) == known.end()) {
      fail(node_, fmt::format("unknown function '{}'; {}the functions are {}", node_.text,
                              did_you_mean(node_.text, known), list_of(known, known.size())));
    }
    const bool columns = node_.text == "poly" || node_.text == "bs" || node_.text == "ns";
    if (columns || is_factor_call(node_)) {
      fail(node_, fmt::format("{}() makes {}; it stands alone in a term", node_.text,
                              columns ? "several columns" : "a factor"));
    }
    fail(node_, fmt::format("{}() cannot stand here", node_.text));
  }

  Call call(std::vector<std::string> parameters) const {
    return {node_, scope_.formula, std::move(parameters)};
  }

  static Expression of(Op op, Expression argument, const Elementary* function = nullptr) {
    Expression result;
    result.op = op;
    result.function = function;
    result.arguments.push_back(std::move(argument));
    return result;
  }

  Expression both(Op op, const Call& call, std::string_view left, std::string_view right) {
    Expression result = of(op, compile(call.needed(left), scope_));
    result.arguments.push_back(compile(call.needed(right), scope_));
    return result;
  }

  Expression log_to_base() { return both(Op::log_base, call({"x", "base"}), "x", "base"); }

  Expression to_digits(Op op) {
    const Call arguments = call({"x", "digits"});
    Expression result = of(op, compile(arguments.needed("x"), scope_));
    const Node* const digits = arguments.given("digits");
    const double standard = op == Op::to_digits ? 0 : 6;
    const double value = digits != nullptr ? Constants(scope_).number(*digits) : standard;
    if (value != std::floor(value) || std::abs(value) > 400) {
      fail(*digits, "a whole number of digits was expected");
    }
    result.digits = static_cast<int>(value);
    return result;
  }

  Expression extreme(Op op) {
    const Call arguments(node_, scope_.formula, {"na.rm"}, true);
    if (arguments.rest().empty()) fail(node_, node_.text + "() needs columns or expressions");
    Expression result = compile(*arguments.rest().front(), scope_);
    for (std::size_t i = 1; i < arguments.rest().size(); ++i) {
      result = of(op, std::move(result));
      result.arguments.push_back(compile(*arguments.rest()[i], scope_));
    }
    return result;
  }

  Expression choice() {
    const Call arguments = call({"test", "yes", "no"});
    Expression result = of(Op::choose, compile(arguments.needed("test"), scope_));
    result.arguments.push_back(compile(arguments.needed("yes"), scope_));
    result.arguments.push_back(compile(arguments.needed("no"), scope_));
    return result;
  }

  Expression interval() {
    if (!cut_gives_numbers(node_, scope_)) refuse();
    return read_cut(node_, scope_).interval;
  }

  Expression statistic() {
    const Call arguments = call({"x", "na.rm"});
    const std::string key = deparse(node_);
    Expression result;
    const auto known = scope_.learnt.numbers.find(key);
    if (known != scope_.learnt.numbers.end()) {
      result.constant = known->second.front();
      return result;
    }
    std::vector<double> x = all_values(compile(arguments.needed("x"), scope_), scope_.frame);
    result.constant = find_statistic(node_.text)->of(x);
    scope_.learnt.numbers.emplace(key, std::vector{result.constant});
    scope_.notes.push_back(fmt::format("{}: {}", key, result.constant));
    return result;
  }

  /// center(x), and scale(x, center, scale), of which both may be TRUE, FALSE or a number.
  Expression affine(const Call& arguments) {
    Expression argument = compile(arguments.needed("x"), scope_);
    const std::string key = deparse(node_);
    auto known = scope_.learnt.numbers.find(key);
    if (known == scope_.learnt.numbers.end()) {
      known = scope_.learnt.numbers.emplace(key, learnt_affine(arguments, argument)).first;
    }
    Expression result = of(Op::affine, std::move(argument));
    result.shift = known->second[0];
    result.divisor = known->second[1];
    return result;
  }

  std::vector<double> learnt_affine(const Call& arguments, const Expression& argument) {
    const std::string key = deparse(node_);
    const std::optional<double> about = given_number(arguments.given("center"), true, 0);
    const std::optional<double> divisor =
        given_number(arguments.given("scale"), node_.text == "scale", 1);
    const auto [mean, sd] = mean_and_sd(argument, scope_.frame);
    const double shift = about.value_or(mean);
    const double divided_by = about ? root_mean_square_about(shift, argument, scope_.frame) : sd;
    if (!divisor && divided_by <= 1e-14 * std::abs(mean)) {
      fail(node_, fmt::format("{} is constant, so {} has no meaning", argument.text, key));
    }
    if (divisor == 0.0) fail(node_, "nothing can be divided by 0");
    std::string said;
    if (!about) said = fmt::format("mean {}", mean);
    if (!divisor)
      said +=
          fmt::format("{}{} {}", said.empty() ? "" : ", ", about ? "divisor" : "sd", divided_by);
    if (!said.empty()) scope_.notes.push_back(key + ": " + said);
    return {shift, divisor.value_or(divided_by)};
  }

  /// TRUE, FALSE or a number; nothing for TRUE, and `none` for FALSE.
  std::optional<double> given_number(const Node* given, bool standard, double none) {
    if (given == nullptr) return standard ? std::nullopt : std::optional(none);
    if (given->kind == Node::Kind::name && given->text != "pi") {
      return Constants(scope_).truth(*given) ? std::nullopt : std::optional(none);
    }
    return Constants(scope_).number(*given);
  }

  Expression as_number() {
    const Call arguments = call({"x"});
    Expression result = number_of(arguments.needed("x"));
    if (node_.text != "as.integer") return result;
    return of(Op::function, std::move(result), find_elementary("trunc"));
  }

  Expression number_of(const Node& node) {
    const Node& it = inside(node);
    if (it.is_call("as.character") && it.arguments.size() == 1) {
      return number_of(it.arguments.front());
    }
    if (it.is_call("cut")) return read_cut(it, scope_).interval;
    if ((it.is_call("factor") || it.is_call("as.factor")) && it.arguments.size() == 1) {
      return number_of_level(it);
    }
    if (is_factor_call(it)) {
      fail(it, fmt::format("{}() of a factor is read for factor(x) and cut(x, ...) alone; make a "
                           "column with the numbers, and name it",
                           node_.text));
    }
    if (it.kind == Node::Kind::name && !is_constant_name(it)) {
      const Column& column = column_at(it, scope_.formula, scope_.frame.table());
      if (column.is_text) return numbers_in(column, it);
    }
    Expression argument = compile(it, scope_);
    return argument.is_logical() ? of(Op::number, std::move(argument)) : argument;
  }

  /// The cells of a text column as numbers.
  Expression numbers_in(const Column& column, const Node& node) {
    Expression result;
    result.op = Op::by_text;
    result.column = &column;
    std::vector<std::size_t> first(column.levels.size(), 0);  // row, from 1
    for (std::size_t i = scope_.frame.count(); i-- > 0;) {
      const std::int32_t code = column.codes[scope_.frame.row(i)];
      if (code >= 0) first[as_size(code)] = scope_.frame.row(i) + 1;
    }
    for (std::size_t i = 0; i < column.levels.size(); ++i) {
      const std::optional<double> value = number_in(column.levels[i]);
      if (!value && first[i] > 0) {
        fail(node,
             fmt::format("'{}' in row {} of column '{}' is not a number; correct the cell, or "
                         "say that it is a missing value with --missing '{}'",
                         column.levels[i], first[i], column.name, column.levels[i]));
      }
      result.values.push_back(value.value_or(0));
    }
    return result;
  }

  /// as.numeric(factor(x)): the number of the level.
  Expression number_of_level(const Node& call) {
    const Node& argument = inside(call.arguments.front());
    const std::string key = deparse(call);
    Expression result;
    if (argument.kind == Node::Kind::name) {
      const Column& column = column_at(argument, scope_.formula, scope_.frame.table());
      if (column.is_text) {
        const Factor factor = factor_of(column, key, scope_);
        result.op = Op::by_text;
        result.column = &column;
        result.values.assign(column.levels.size(), 0);
        for (std::size_t i = 0; i < factor.codes.size(); ++i) {
          const std::int32_t text = column.codes[scope_.frame.row(i)];
          result.values[as_size(text)] = factor.codes[i] + 1;
        }
        return result;
      }
    }
    Expression numbers = compile(argument, scope_);
    const Factor factor = factor_of(numbers, key, scope_);
    const std::vector<double> x = all_values(numbers, scope_.frame);
    std::map<double, double> place;
    for (std::size_t i = 0; i < x.size(); ++i) place[x[i]] = factor.codes[i] + 1;
    result = of(Op::place, std::move(numbers));
    for (const auto& [value, number] : place) {
      result.points.push_back(value);
      result.values.push_back(number);
    }
    return result;
  }

  const Node& node_;
  Scope& scope_;
};

}  // namespace

Expression compile_call(const Node& node, Scope& scope) {
  return CallCompiler(node, scope).build();
}

}  // namespace tarn::formula
