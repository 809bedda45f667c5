// Reads responses as numbers, and the parts that a bar sets apart from them.
#include "data/formula/left_side.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/notes/columns.hpp"
#include "data/formula/ordinal.hpp"
#include "data/formula/values/category.hpp"
#include "tarn/error.hpp"

namespace tarn::formula {

template <class Test>
void LeftSide::require(std::string_view name, const Expression& expression, std::string_view what,
                       Test test) const {
  for_each_run(expression, rows_.frame, [&](std::size_t first, std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (test(values[i])) continue;
      throw InputError(fmt::format("{}({}) {}; in row {} it is {}", name, expression.text, what,
                                   rows_.frame.row(first + i) + 1, values[i]));
    }
  });
}

void LeftSide::read(ResponseKind kind) {
  const Node& response = inside(formula_.response);
  built_.design.response = deparse(response);
  const Column* text = nullptr;
  if (kind == ResponseKind::category) {
    read_weights();
    built_.coding = read_categories(response, rows_, built_.design, scope_);
    return read_parts();
  }
  if (response.kind == Node::Kind::name) {
    const Column& column = column_at(response, formula_.text, rows_.frame.table());
    if (column.is_text) text = &column;
    if (text != nullptr && kind != ResponseKind::binary) {
      fail_at(formula_.text, response.at,
              holds_text(column) + "; the response must be numbers" + numbers_by(column) +
                  hint_at_two_values(column, rows_.frame));
    }
  }
  read_weights();
  rows_.response = text == nullptr ? compile(response, scope_) : two_values(response, *text);
  read_parts();
}

/// A text column with two values: 1 where it is the second in sorted order.
Expression LeftSide::two_values(const Node& response, const Column& column) {
  const std::vector<std::string> levels = factor_of(column, response.text, scope_).levels;
  if (levels.size() != 2) {
    fail_at(formula_.text, response.at,
            fmt::format("column '{}' has {}; a response as text needs two values", response.text,
                        levels.size() == 1 ? fmt::format("one value, '{}'", levels.front())
                                           : fmt::format("{} values", levels.size())));
  }
  built_.coding = fmt::format("{}: 1 is '{}', 0 is '{}'", response.text, levels[1], levels[0]);
  Node is_second;
  is_second.kind = Node::Kind::operation;
  is_second.text = "==";
  is_second.at = response.at;
  is_second.arguments = {response, response};
  is_second.arguments.back().kind = Node::Kind::text;
  is_second.arguments.back().text = levels[1];
  Expression result = compile(is_second, scope_);
  result.text = response.text;
  return result;
}

void LeftSide::read_parts() {
  if (formula_.errors) {
    rows_.errors = compile(*formula_.errors, scope_);
    built_.design.known_errors = true;
    require("se", *rows_.errors, "must be positive", [](double s) { return s > 0; });
  }
  if (formula_.trials) {
    rows_.trials = compile(*formula_.trials, scope_);
    built_.design.has_trials = true;
    require("trials", *rows_.trials, "must be whole numbers from 0",
            [](double n) { return n >= 0 && n == std::floor(n); });
  }
}

/// Rows of weight zero say nothing; they are dropped first.
void LeftSide::read_weights() {
  if (!formula_.weights) return;
  rows_.weights = compile(*formula_.weights, scope_);
  built_.design.has_weights = true;
  require("weights", *rows_.weights, "must not be negative", [](double w) { return w >= 0; });
  std::vector<char> keep(rows_.frame.count(), 1);
  std::size_t zeros = 0;
  for_each_run(*rows_.weights, rows_.frame, [&](std::size_t first, std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != 0) continue;
      keep[first + i] = 0;
      ++zeros;
    }
  });
  if (zeros == 0) return;
  if (zeros == keep.size()) throw InputError("all weights are 0: no rows are left");
  rows_.frame.keep_only(keep);
  built_.dropped.push_back(fmt::format("weights({}): {} of weight 0", rows_.weights->text, zeros));
}

void LeftSide::read_new() {
  const Node& response = inside(formula_.response);
  const Column* text = response.kind == Node::Kind::name
                           ? &column_at(response, formula_.text, rows_.frame.table())
                           : nullptr;
  const std::optional<OrderedLevels> ordered = says_levels(response) || response.is_call("cut")
                                                   ? ordered_levels(response, scope_)
                                                   : std::nullopt;
  const bool learnt = text != nullptr && built_.learnt.levels.contains(response.text);
  if (ordered) {
    rows_.response = ordered->number;
  } else {
    rows_.response =
        learnt && text->is_text ? two_values(response, *text) : compile(response, scope_);
  }
  std::vector<char> lacks(rows_.frame.count(), 0);
  for (const Node* const name : columns_in(formula_.response)) {
    const Column& column = column_at(*name, formula_.text, rows_.frame.table());
    for (std::size_t i = 0; i < lacks.size() && column.missing > 0; ++i) {
      const std::size_t row = rows_.frame.row(i);
      const bool missing = column.is_text ? column.codes[row] < 0 : std::isnan(column.numbers[row]);
      lacks[i] = missing ? 1 : lacks[i];
    }
  }
  rows_.no_response = std::move(lacks);
}

}  // namespace tarn::formula
