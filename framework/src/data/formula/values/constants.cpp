// Reads arguments that are constants.
#include "data/formula/values/constants.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "data/formula/basis/quantile.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/values/call.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

constexpr double longest = 10000;  // of a sequence

double combined(std::string_view operation, double a, double b) {
  if (operation == "+") return a + b;
  if (operation == "-") return a - b;
  if (operation == "*") return a * b;
  return operation == "/" ? a / b : std::pow(a, b);
}

}  // namespace

void Constants::fail(const Node& node, std::string_view sentence) const {
  fail_at(scope_.formula, node.at, sentence);
}

std::vector<double> Constants::numbers(const Node& node) {
  const Node& it = inside(node);
  switch (it.kind) {
    case Node::Kind::number:
      return {it.number};
    case Node::Kind::name:
      if (it.quoted) break;
      if (it.text == "pi") return {std::numbers::pi};
      if (it.text == "Inf") return {std::numeric_limits<double>::infinity()};
      break;
    case Node::Kind::operation:
      return operation(it);
    case Node::Kind::call: {
      if (it.text == "seq") return sequence(it);
      if (it.text == "quantile") return quantiles(it);
      if (find_statistic(it.text) != nullptr) return {compile(it, scope_).constant};
      if (it.text != "c") break;
      std::vector<double> all;
      for (const Node& argument : it.arguments) {
        const std::vector<double> part = numbers(argument);
        all.insert(all.end(), part.begin(), part.end());
      }
      return all;
    }
    default:
      break;
  }
  fail(node, "a number was expected");
}

double Constants::number(const Node& node) {
  const std::vector<double> all = numbers(node);
  if (all.size() != 1) fail(node, "one number was expected");
  return all.front();
}

std::size_t Constants::whole(const Node& node) {
  const double value = number(node);
  if (value < 1 || value > 100 || value != std::floor(value)) {
    fail(node, "a whole number from 1 to 100 was expected");
  }
  return static_cast<std::size_t>(value);
}

bool Constants::truth(const Node& node) const {
  if (node.is_name("TRUE") || node.is_name("T")) return true;
  if (node.is_name("FALSE") || node.is_name("F")) return false;
  fail(node, "TRUE or FALSE was expected");
}

std::vector<std::string> Constants::texts(const Node& node) const {
  const Node& it = inside(node);
  if (it.kind == Node::Kind::text) return {it.text};
  if (!it.is_call("c")) fail(node, "a text in quotes was expected, or c(\"a\", \"b\")");
  std::vector<std::string> all;
  for (const Node& argument : it.arguments) {
    if (argument.kind != Node::Kind::text) fail(argument, "a text in quotes was expected");
    all.push_back(argument.text);
  }
  return all;
}

std::vector<double> Constants::operation(const Node& node) {
  if (node.arguments.size() == 1 && (node.text == "-" || node.text == "+")) {
    std::vector<double> all = numbers(node.arguments.front());
    for (double& value : all) value = node.text == "-" ? -value : value;
    return all;
  }
  const bool known = node.text == "+" || node.text == "-" || node.text == "*" || node.text == "/" ||
                     node.text == "^" || node.text == ":";
  if (!known || node.arguments.size() != 2) fail(node, "a number was expected");
  std::vector<double> left = numbers(node.arguments.front());
  const std::vector<double> right = numbers(node.arguments.back());
  if (node.text == ":") {
    if (left.size() != 1 || right.size() != 1 ||
        !(std::abs(right.front() - left.front()) < longest)) {
      fail(node, "a range of whole numbers was expected, as in 1:5");
    }
    std::vector<double> all;
    const double step = right.front() < left.front() ? -1 : 1;
    const double steps = std::floor(std::abs(right.front() - left.front()) + 1e-10);
    for (double i = 0; i <= steps; ++i) all.push_back(left.front() + step * i);
    return all;
  }
  if (left.size() == 1 && right.size() > 1) left.resize(right.size(), left.front());
  if (right.size() != 1 && right.size() != left.size()) {
    fail(node, "the numbers on both sides do not match");
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    left[i] = combined(node.text, left[i], right.size() == 1 ? right.front() : right[i]);
  }
  return left;
}

std::vector<double> Constants::sequence(const Node& node) {
  const Call call(node, scope_.formula, {"from", "to", "by", "length.out"});
  const double from = number(call.needed("from"));
  const double to = number(call.needed("to"));
  double by = to < from ? -1 : 1;
  if (const Node* const step = call.given("by")) {
    by = number(*step);
  } else if (const Node* const length = call.given("length.out")) {
    const double count = number(*length);
    if (count < 2) fail(*length, "a sequence needs a length of at least 2");
    by = (to - from) / (count - 1);
  }
  const double steps = (to - from) / by;
  if (!(steps >= 0 && steps < longest)) {
    fail(node, fmt::format("this sequence does not go from {} to {}", from, to));
  }
  std::vector<double> all;
  for (double i = 0; i <= std::floor(steps + 1e-10); ++i) {
    all.push_back(by > 0 ? std::min(from + i * by, to) : std::max(from + i * by, to));
  }
  if (call.given("length.out") != nullptr && call.given("by") == nullptr) all.back() = to;
  return all;
}

std::vector<double> Constants::quantiles(const Node& node) {
  const Call call(node, scope_.formula, {"x", "probs", "na.rm"});
  const std::string key = deparse(node);
  const auto known = scope_.learnt.numbers.find(key);
  if (known != scope_.learnt.numbers.end()) return known->second;
  std::vector<double> probabilities{0, 0.25, 0.5, 0.75, 1};
  if (const Node* const given = call.given("probs")) probabilities = numbers(*given);
  std::vector<double> x = all_values(compile(call.needed("x"), scope_), scope_.frame);
  std::ranges::sort(x);
  std::vector<double> all;
  std::vector<std::string> said;
  for (const double p : probabilities) {
    if (!(p >= 0 && p <= 1)) fail(node, "probabilities lie between 0 and 1");
    all.push_back(quantile_of(x, p));
    said.push_back(fmt::format("{}", all.back()));
  }
  scope_.notes.push_back(fmt::format("{}: {}", key, list_of(said, said.size())));
  return scope_.learnt.numbers.emplace(key, std::move(all)).first->second;
}

std::vector<double> all_values(const Expression& expression, const Frame& frame) {
  std::vector<double> x;
  x.reserve(frame.count());
  for_each_run(expression, frame, [&x](std::size_t, std::span<const double> run) {
    x.insert(x.end(), run.begin(), run.end());
  });
  return x;
}

}  // namespace tarn::formula
