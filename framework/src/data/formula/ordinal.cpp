// Ordered categories: from levels to numbers, and the intercept that they make superfluous.
#include "data/formula/ordinal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/values/category.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

// A cut for each but one. A response that takes more values is a number.
constexpr std::size_t most_categories = 100;

/// `c("a", "b")` or `c(0, 5)`, of so many as fit a line.
std::string as_levels(const std::vector<std::string>& texts) {
  constexpr std::size_t most = 8;
  const bool numbers = std::ranges::all_of(
      texts, [](const std::string& text) { return read_number<double>(text).has_value(); });
  std::string all;
  for (std::size_t i = 0; i < texts.size() && i < most; ++i) {
    all += fmt::format("{0}{2}{1}{2}", i == 0 ? "" : ", ", shown(texts[i]), numbers ? "" : "\"");
  }
  return fmt::format("c({}{})", all, texts.size() > most ? ", ..." : "");
}

[[noreturn]] void refuse_unordered(const Node& response, const std::string& what,
                                   const std::string& of, const std::vector<std::string>& texts,
                                   const Scope& scope) {
  fail_at(scope.formula, response.at,
          fmt::format("{}; say the order of its categories, the lowest first, as in factor({}, "
                      "levels = {})",
                      what, of, as_levels(texts)));
}

/// The labels of the categories.
std::vector<std::string> categories_of(const DesignRows& rows, const std::string& response,
                                       std::vector<std::string> levels) {
  double most = static_cast<double>(levels.size());
  if (levels.empty()) {
    bool numbered = true;
    for_each_run(rows.response, rows.frame, [&](std::size_t, std::span<const double> run) {
      for (const double y : run) {
        numbered = numbered && y >= 1 && y == std::floor(y);
        most = std::max(most, y);
      }
    });
    if (!numbered) most = 2;  // it will be refused
  }
  if (most < 2) {
    throw InputError(fmt::format(
        "the response '{}' has one category, {}: an ordinal response has at least two; those that "
        "no row has are told by factor(y, levels = ...)",
        response, levels.empty() ? "1" : "'" + levels.front() + "'"));
  }
  if (most > static_cast<double>(most_categories)) {
    throw InputError(fmt::format(
        "the response '{}' goes up to {}: an ordinal response has {} categories at most; number "
        "those that occur anew by factor(y, levels = ...), or take a family of numbers",
        response, most, most_categories));
  }
  for (std::size_t k = levels.size(); static_cast<double>(k) < most; ++k) {
    levels.push_back(std::to_string(k + 1));
  }
  return levels;
}

/// Rows of each category; what is no whole number from 1 belongs to none.
std::vector<std::size_t> counts(const DesignRows& rows, std::size_t categories) {
  std::vector<std::size_t> count(categories, 0);
  for_each_run(rows.response, rows.frame, [&](std::size_t, std::span<const double> run) {
    for (const double y : run) {
      if (y >= 1 && y <= static_cast<double>(categories)) ++count[static_cast<std::size_t>(y) - 1];
    }
  });
  return count;
}

}  // namespace

std::optional<OrderedLevels> ordered_levels(const Node& response, Scope& scope) {
  const Node& it = inside(response);
  if (!makes_factor(it, scope)) return std::nullopt;
  if (it.kind == Node::Kind::name) {
    const Column& column = column_at(it, scope.formula, scope.frame.table());
    const std::string meant = numbers_by(column);
    if (!meant.empty()) fail_at(scope.formula, it.at, holds_text(column) + meant);
    refuse_unordered(it, holds_text(column), deparse(it), labels_in(column, scope.frame).texts,
                     scope);
  }
  const bool was_admitting = std::exchange(scope.admits, scope.is_new);  // rows without a response
  Labels labels = labels_of(it, scope);
  scope.admits = was_admitting;
  if (!says_levels(it) && !it.is_call("cut")) {
    refuse_unordered(it, fmt::format("{} is a factor whose order is not known", deparse(it)),
                     it.arguments.empty() ? "y" : deparse(it.arguments.front()), labels.texts,
                     scope);
  }
  OrderedLevels result{{}, std::move(labels.texts)};
  result.number.op = Expression::Op::by_row;
  result.number.text = deparse(response);
  for (const std::int32_t code : labels.codes) {
    result.number.values.push_back(code < 0 ? std::numeric_limits<double>::quiet_NaN() : code + 1);
  }
  return result;
}

std::string read_categories(const Node& response, DesignRows& rows, Design& design, Scope& scope) {
  std::vector<std::string> levels;
  std::string coding;
  if (std::optional<OrderedLevels> ordered = ordered_levels(response, scope)) {
    rows.response = std::move(ordered->number);
    levels = std::move(ordered->levels);
    for (std::size_t k = 0; k < levels.size(); ++k) {
      coding += fmt::format("{}{} is '{}'", k == 0 ? design.response + ": " : ", ", k + 1,
                            shown(levels[k]));
    }
  } else {
    rows.response = compile(response, scope);
  }
  design.categories = categories_of(rows, design.response, std::move(levels));
  return coding;
}

void add_notes_on_categories(const DesignRows& rows, const Design& design,
                             std::vector<std::string>& notes) {
  const std::vector<std::size_t> count = counts(rows, design.categories.size());
  std::vector<std::string> unseen;
  for (std::size_t k = 0; k < count.size(); ++k) {
    if (count[k] == 0) unseen.push_back(fmt::format("'{}'", design.categories[k]));
  }
  if (unseen.empty()) return;
  notes.push_back(
      fmt::format("no row has {} {} of {}: only the prior of the cuts tells how wide {}",
                  unseen.size() == 1 ? "category" : "categories", list_of(unseen), design.response,
                  unseen.size() == 1 ? "it is" : "they are"));
}

void refuse_own_levels(const Sum& population, const std::vector<ProductColumn>& columns,
                       Scope& scope) {
  if (population.intercept) return;
  Variables variables;
  const std::vector<ProductColumn> typed = columns_of(population, variables, scope);
  const auto label = &ProductColumn::label;
  for (const ProductColumn& column : typed) {
    if (std::ranges::find(columns, column.label, label) != columns.end()) continue;
    std::string with = "~ 1";
    for (const std::string& term : term_labels(population)) with += " + " + term;
    throw InputError(fmt::format(
        "'{}' has no intercept, so that the formula has a column '{}', which cannot be told from "
        "the cuts of an ordinal response: they are its intercepts; write {}",
        scope.formula, column.label, with));
  }
}

void leave_out_intercept(DesignRows& rows, Design& design) {
  rows.columns.erase(rows.columns.begin());
  design.coefficients.erase(design.coefficients.begin());
  if (!design.column_scale.empty()) design.column_scale.erase(design.column_scale.begin());
  for (Vector* const center : {&rows.center, &design.center}) {
    if (center->size() > 0) *center = Vector(center->tail(center->size() - 1));
  }
  design.has_intercept = false;
}

}  // namespace tarn::formula
