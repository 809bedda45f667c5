// Reads --at: columns and the values that they take.
#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "answers/grid.hpp"
#include "data/formula/language/node.hpp"
#include "expressions/node.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr double most_steps = 100'000;

std::string trim(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t\n");
  return from == std::string::npos ? ""
                                   : text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

/// At a sign that stands outside of quotes.
std::vector<std::string> split(const std::string& text, char sign) {
  std::vector<std::string> parts(1);
  char quote = 0;
  for (const char c : text) {
    if (quote == 0 && c == sign) {
      parts.emplace_back();
      continue;
    }
    if (quote == c) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '`')) {
      quote = c;
    }
    parts.back() += c;
  }
  if (quote != 0) {
    throw UsageError(fmt::format("--at '{}': the quote {} is never closed", shown(text), quote));
  }
  for (std::string& part : parts) part = trim(part);
  return parts;
}

std::string unquoted(const std::string& text) {
  const bool quoted = text.size() > 1 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '`');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// A number, or arithmetic with what is known of the column.
double number_in(const std::string& text, const Predictor& predictor) {
  const expressions::Node root = expressions::parse(text);
  const std::function<double(const expressions::Node&)> value =
      [&](const expressions::Node& node) -> double {
    using Kind = expressions::Node::Kind;
    if (node.kind == Kind::number) return node.number;
    if (node.kind == Kind::name) {
      if (node.text == "mean") return predictor.mean;
      if (node.text == "sd") return predictor.sd;
      if (node.text == "min") return predictor.least;
      if (node.text == "max") return predictor.most;
      if (node.text == "median") return predictor.median;
    }
    if (node.kind == Kind::operation && node.arguments.size() == 1) {
      const double x = value(node.arguments[0]);
      if (node.text == "-") return -x;
      if (node.text == "+") return x;
    }
    if (node.kind == Kind::operation && node.arguments.size() == 2) {
      const double a = value(node.arguments[0]), b = value(node.arguments[1]);
      if (node.text == "+") return a + b;
      if (node.text == "-") return a - b;
      if (node.text == "*") return a * b;
      if (node.text == "/") return a / b;
      if (node.text == "^") return std::pow(a, b);
    }
    expressions::fail_at(text, node.at,
                         fmt::format("a value of {} is a number, or computed from mean, sd, min, "
                                     "max and median of {}",
                                     shown(predictor.name), shown(predictor.name)));
  };
  const double result = value(root);
  if (!std::isfinite(result)) expressions::fail_at(text, 0, "this is no finite number");
  return result;
}

/// `0:21 by 3`
void add_sequence(const std::string& text, const Predictor& predictor, std::vector<double>& into) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    into.push_back(number_in(text, predictor));
    return;
  }
  const std::size_t word = text.find(" by ", colon);
  const double from = number_in(trim(text.substr(0, colon)), predictor);
  const double to = number_in(
      trim(text.substr(colon + 1, word == std::string::npos ? word : word - colon - 1)), predictor);
  const double by =
      word == std::string::npos ? 1 : number_in(trim(text.substr(word + 4)), predictor);
  const double steps = (to - from) / by;
  if (!(by > 0) || !(steps >= 0) || steps > most_steps) {
    throw UsageError(
        fmt::format("--at {} = {}: from the lower end to the upper one, in at most "
                    "{:.0f} steps above 0, such as 0:21 by 3",
                    shown(predictor.name), shown(text), most_steps));
  }
  // A step that rounding puts a hair beyond the end belongs to it.
  const auto count = static_cast<std::size_t>(std::floor(steps + 1e-9));
  for (std::size_t k = 0; k <= count; ++k) into.push_back(from + static_cast<double>(k) * by);
}

GridAxis stated_levels(const std::vector<std::string>& values, const Predictor& predictor) {
  GridAxis axis{predictor.name, {}, {}, predictor.is_text};
  for (const std::string& text : values) {
    const std::string level = unquoted(text);
    const auto found = std::ranges::find(predictor.levels, level);
    if (found == predictor.levels.end()) {
      throw UsageError(
          fmt::format("--at {}: no row of the fit has the level '{}'; {}its levels "
                      "are {}",
                      shown(predictor.name), shown(level), did_you_mean(level, predictor.levels),
                      list_of(predictor.levels)));
    }
    axis.texts.push_back(level);
    if (predictor.is_text) continue;
    axis.numbers.push_back(predictor.numbers[as_size(found - predictor.levels.begin())]);
  }
  return axis;
}

GridAxis stated_numbers(const std::vector<std::string>& values, const Predictor& predictor) {
  GridAxis axis{predictor.name, {}, {}, false};
  for (const std::string& text : values) add_sequence(text, predictor, axis.numbers);
  for (const double x : axis.numbers) axis.texts.push_back(formula::number_text(x));
  return axis;
}

}  // namespace

std::vector<GridAxis> read_at(const std::string& text, const Predictors& predictors,
                              bool with_groupings) {
  std::vector<GridAxis> axes;
  for (const std::string& part : split(text, ';')) {
    if (part.empty()) continue;
    const std::vector<std::string> sides = split(part, '=');
    const Predictor& predictor = predictors.at(unquoted(sides[0]), with_groupings);
    if (std::ranges::find(axes, predictor.name, &GridAxis::column) != axes.end()) {
      throw UsageError(fmt::format("--at names {} twice", shown(predictor.name)));
    }
    if (sides.size() == 1) {
      axes.push_back(predictor.is_factor ? all_levels(predictor) : about_mean(predictor));
      continue;
    }
    if (sides.size() > 2 || sides[1].empty()) {
      throw UsageError(fmt::format(
          "--at '{}': write NAME = VALUE, VALUE, such as 'x = 1, 2; g = a'", shown(part)));
    }
    const std::vector<std::string> values = split(sides[1], ',');
    axes.push_back(predictor.is_factor ? stated_levels(values, predictor)
                                       : stated_numbers(values, predictor));
  }
  return axes;
}

}  // namespace tarn::launcher
