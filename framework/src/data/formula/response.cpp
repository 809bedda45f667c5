// Inverse functions of what may stand on the left.
#include "tarn/response.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "data/formula/language/parser.hpp"
#include "data/formula/language/terms.hpp"
#include "data/formula/values/call.hpp"
#include "data/formula/values/category.hpp"

namespace tarn {
namespace {

using formula::Node;
using Inverse = std::function<double(double)>;

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

struct Named {
  std::string_view name;
  double (*inverse)(double);
};

constexpr std::array<Named, 8> inverses{{
    {"I", [](double z) { return z; }},
    {"log", [](double z) { return std::exp(z); }},
    {"log2", [](double z) { return std::exp2(z); }},
    {"log10", [](double z) { return std::pow(10.0, z); }},
    {"log1p", [](double z) { return std::expm1(z); }},
    {"exp", [](double z) { return z > 0 ? std::log(z) : undefined; }},
    {"expm1", [](double z) { return z > -1 ? std::log1p(z) : undefined; }},
    {"sqrt", [](double z) { return z >= 0 ? z * z : undefined; }},
}};

std::optional<double> constant(const Node& node) {
  const Node& it = formula::inside(node);
  if (it.kind == Node::Kind::number) return it.number;
  if (it.is_operation("-") && it.arguments.size() == 1) {
    if (const auto value = constant(it.arguments.front())) return -*value;
  }
  return std::nullopt;
}

/// x from z = x op c.
Inverse right_constant(const std::string& operation, double c) {
  if (operation == "+") return [c](double z) { return z - c; };
  if (operation == "-") return [c](double z) { return z + c; };
  if (operation == "*" && c != 0) return [c](double z) { return z / c; };
  if (operation == "/" && c != 0) return [c](double z) { return z * c; };
  if (operation == "^" && c != 0) {
    return [c](double z) { return z >= 0 ? std::pow(z, 1 / c) : undefined; };
  }
  return {};
}

/// x from z = c op x.
Inverse left_constant(const std::string& operation, double c) {
  if (operation == "+" || operation == "*") return right_constant(operation, c);
  if (operation == "-") return [c](double z) { return c - z; };
  if (operation == "/" && c != 0) return [c](double z) { return z != 0 ? c / z : undefined; };
  return {};
}

Inverse inverse_of(const Node& node);

/// First back through the outer function, then through what it was applied to.
Inverse chain(const Inverse& outer, const Node& argument) {
  const Inverse inner = inverse_of(argument);
  if (!outer || !inner) return {};
  return [outer, inner](double z) { return inner(outer(z)); };
}

Inverse inverse_of(const Node& node) {
  const Node& it = formula::inside(node);
  if (it.kind == Node::Kind::name) return [](double z) { return z; };
  if (it.kind == Node::Kind::call && it.arguments.size() == 1) {
    for (const Named& function : inverses) {
      if (it.is_call(function.name)) return chain(function.inverse, it.arguments.front());
    }
  }
  if (it.kind != Node::Kind::operation) return {};
  if (it.arguments.size() == 1) {
    if (it.text != "-") return {};
    return chain([](double z) { return -z; }, it.arguments.front());
  }
  if (const auto c = constant(it.arguments.back())) {
    return chain(right_constant(it.text, *c), it.arguments.front());
  }
  if (const auto c = constant(it.arguments.front())) {
    return chain(left_constant(it.text, *c), it.arguments.back());
  }
  return {};
}

/// Of factor(y, levels = c("a", "b")) over a plain column.
void read_levels(const Node& node, std::string_view text, Response& response) {
  const Node& it = formula::inside(node);
  if (!formula::says_levels(it)) return;
  const formula::Call call(it, text, {"x", "levels", "labels"});
  const Node* const x = call.given("x");
  const Node* const levels = call.given("levels");
  if (x == nullptr || levels == nullptr || formula::inside(*x).kind != Node::Kind::name) return;
  const Node& set = formula::inside(*levels);
  std::vector<Node> members{set};
  if (set.is_call("c")) members = set.arguments;
  std::vector<std::string> found;
  for (const Node& member : members) {
    const std::optional<double> number = constant(member);
    response.levels_are_numbers = number.has_value();
    if (!number && formula::inside(member).kind != Node::Kind::text) return;
    found.push_back(number ? formula::number_text(*number) : formula::inside(member).text);
  }
  response.levels = std::move(found);
}

}  // namespace

Response response_of(std::string_view text) {
  formula::Parsed parsed = formula::parse(text);
  Response response;
  response.text = formula::deparse(formula::inside(parsed.response));
  parsed.weights.reset();
  parsed.errors.reset();
  parsed.trials.reset();
  for (const Node* name : formula::left_columns(parsed)) response.columns.push_back(name->text);
  if (response.columns.size() == 1) {
    response.column = inverse_of(parsed.response);
    read_levels(parsed.response, text, response);
  }
  return response;
}

}  // namespace tarn
