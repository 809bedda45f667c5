// Responses of ordered categories: their numbers, and what takes the intercept's place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/formula/language/terms.hpp"
#include "data/formula/matrix/columns.hpp"
#include "data/formula/matrix/rows.hpp"
#include "data/formula/values/expression.hpp"

namespace tarn::formula {

/// A response that says its levels in their order: factor(y, levels = c("low", "high")), cut(y, 3).
struct OrderedLevels {
  Expression number;                // of each row's level, from 1; NaN: it has none
  std::vector<std::string> levels;  // those that no row has, too
};

/// Nothing for numbers. Throws InputError with a caret for text whose order is not said.
std::optional<OrderedLevels> ordered_levels(const Node& response, Scope& scope);

/// Reads the response and its categories, the levels said or whole numbers from 1 up to the
/// largest; gives the levels' numbers in words, or nothing. Throws InputError for one category, or
/// very many. What is no whole number from 1 is the family's to refuse.
std::string read_categories(const Node& response, DesignRows& rows, Design& design, Scope& scope);

/// Categories that occur in no row, in a sentence.
void add_notes_on_categories(const DesignRows& rows, const Design& design,
                             std::vector<std::string>& notes);

/// Refuses a formula without an intercept (`0 + f`) that has another column for a factor than the
/// same formula with it, whose columns these are: the cuts are as many intercepts as can be told.
void refuse_own_levels(const Sum& population, const std::vector<ProductColumn>& columns,
                       Scope& scope);

/// Takes the intercept, the first column, out of rows and design.
void leave_out_intercept(DesignRows& rows, Design& design);

}  // namespace tarn::formula
