// Checks an expression against the names of a fit, and evaluates it over whole columns of draws.
#include "expressions/evaluate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "report/numbers.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher::expressions {
namespace {

struct Function {
  std::string_view name;
  double (*of)(double);
};

double inverse_logit(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
double normal_probability(double x) { return 0.5 * std::erfc(-x * M_SQRT1_2); }

constexpr std::array<Function, 7> functions{
    {{"exp", [](double x) { return std::exp(x); }},
     {"log", [](double x) { return std::log(x); }},
     {"sqrt", [](double x) { return std::sqrt(x); }},
     {"abs", [](double x) { return std::abs(x); }},
     {"inv_logit", inverse_logit},
     {"logit", [](double x) { return std::log(x / (1 - x)); }},
     {"pnorm", normal_probability}}};

const Function* function_of(std::string_view name) {
  const auto found = std::ranges::find(functions, name, &Function::name);
  return found == functions.end() ? nullptr : &*found;
}

bool is_extreme(std::string_view name) { return name == "min" || name == "max"; }

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& function : functions) names.emplace_back(function.name);
  names.insert(names.end(), {"min", "max"});
  return names;
}

bool joins_conditions(const Node& node) {
  return node.is_operation("and") || node.is_operation("or") || node.is_operation("not");
}

bool is_true_or_false(const Node& node) { return node.is_comparison() || joins_conditions(node); }

}  // namespace

Vector draws_of(const Quantity& quantity, const Draws& draws) {
  const auto count = as_index(draws.chains() * draws.draws());
  Vector sum = Vector::Zero(count);
  Matrix one(count, 1);
  for (const Element& element : quantity.sum) {
    draws.read(element.block, element.element, one);
    sum += one.col(0);
  }
  return sum;
}

Expression::Expression(std::string text, const Names& names)
    : text_(std::move(text)), root_(parse(text_)) {
  check(root_, names);
}

bool Expression::is_condition() const noexcept { return is_true_or_false(root_); }

void Expression::need(const Node& node, bool condition, std::string_view by) const {
  if (is_true_or_false(node) == condition) return;
  fail_at(text_, node.at,
          condition ? fmt::format("'{}' joins comparisons, such as a > 0, and this is a number", by)
                    : fmt::format("'{}' takes numbers, and this is true or false", by));
}

void Expression::check(const Node& node, const Names& names) {
  if (node.kind == Node::Kind::name) {
    found_.push_back({node.at, names.find(text_, node)});
    return;
  }
  if (node.is_operation("=") || node.is_operation("==")) {
    fail_at(text_, node.at,
            "a continuous quantity equals no number in any draw, and tarn computes no Bayes factor "
            "at a point; ask for the difference (a - b) and its interval, or how probably it is "
            "small (abs(a - b) < 0.1)");
  }
  if (node.kind == Node::Kind::call) {
    if (!function_of(node.text) && !is_extreme(node.text)) {
      const std::vector<std::string> known = function_names();
      fail_at(text_, node.at,
              fmt::format("there is no function '{}'; {}the functions are {}", shown(node.text),
                          did_you_mean(node.text, known), list_of(known)));
    }
    const std::size_t least = is_extreme(node.text) ? 2 : 1;
    if (node.arguments.size() < least || (least == 1 && node.arguments.size() > 1)) {
      fail_at(text_, node.at,
              fmt::format("{}() takes {}", node.text,
                          least == 1 ? "one number" : "two numbers or more"));
    }
  }
  for (const Node& argument : node.arguments) {
    check(argument, names);
    need(argument, joins_conditions(node), node.text);
  }
}

std::string Expression::difference_text() const {
  const auto part = [&](const Node& node) { return text_.substr(node.from, node.to - node.from); };
  const Node& left = root_.arguments[0];
  const Node& right = root_.arguments[1];
  if (right.kind == Node::Kind::number && right.number == 0) return part(left);
  if (right.kind != Node::Kind::operation) return part(left) + " - " + part(right);
  return part(left) + " - (" + part(right) + ")";
}

Vector Expression::difference(const Draws& draws) const {
  return value(root_.arguments[0], draws) - value(root_.arguments[1], draws);
}

Vector Expression::values(const Draws& draws) const { return value(root_, draws); }

Vector Expression::value(const Node& node, const Draws& draws) const {
  Vector result;
  switch (node.kind) {
    case Node::Kind::number:
      return Vector::Constant(as_index(draws.chains() * draws.draws()), node.number);
    case Node::Kind::name:
      return column(node, draws);
    case Node::Kind::call:
      result = call(node, draws);
      break;
    case Node::Kind::operation:
      result = operation(node, draws);
      break;
  }
  const auto bad =
      std::count_if(result.begin(), result.end(), [](double x) { return !std::isfinite(x); });
  if (bad > 0) {
    try {
      fail_at(text_, node.at,
              fmt::format("'{}' is no finite number in {} of {}", node.text, grouped(as_size(bad)),
                          count_of(as_size(result.size()), "draw")));
    } catch (const UsageError& error) {
      throw InputError(error.what());
    }
  }
  return result;
}

Vector Expression::column(const Node& node, const Draws& draws) const {
  const auto found = std::ranges::find(found_, node.at, &Found::at);
  return draws_of(found->quantity, draws);
}

Vector Expression::call(const Node& node, const Draws& draws) const {
  Vector result = value(node.arguments[0], draws);
  if (const Function* function = function_of(node.text)) return result.unaryExpr(function->of);
  for (std::size_t k = 1; k < node.arguments.size(); ++k) {
    const Vector other = value(node.arguments[k], draws);
    result = node.text == "min" ? Vector(result.cwiseMin(other)) : Vector(result.cwiseMax(other));
  }
  return result;
}

Vector Expression::operation(const Node& node, const Draws& draws) const {
  const Eigen::ArrayXd a = value(node.arguments[0], draws);
  if (node.arguments.size() == 1) {
    if (node.text == "not") return 1 - a;
    return node.text == "-" ? Vector(-a) : Vector(a);
  }
  const Eigen::ArrayXd b = value(node.arguments[1], draws);
  const std::string& sign = node.text;
  if (sign == "+") return a + b;
  if (sign == "-") return a - b;
  if (sign == "*") return a * b;
  if (sign == "/") return a / b;
  if (sign == "^") return a.binaryExpr(b, [](double x, double y) { return std::pow(x, y); });
  if (sign == "and") return a.min(b);
  if (sign == "or") return a.max(b);
  if (sign == "<") return (a < b).cast<double>();
  if (sign == "<=") return (a <= b).cast<double>();
  if (sign == ">") return (a > b).cast<double>();
  return (a >= b).cast<double>();
}

}  // namespace tarn::launcher::expressions
