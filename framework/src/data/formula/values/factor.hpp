// Factors: their levels, the level of each row, and how levels become columns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/formula/values/expression.hpp"

namespace tarn::formula {

struct Factor {
  std::vector<std::string> levels;
  std::vector<std::int32_t> codes;  // of the used rows; -1: missing
  std::size_t known = 0;            // levels from here on are those that the scope admitted
};

/// A text for each row: its number among the texts, -1 where it is missing. The texts are in the
/// order that levels have; some may occur in no row.
struct Labels {
  std::vector<std::string> texts;
  std::vector<std::int32_t> codes;
};

/// Whole numbers as digits (R's integers), others as R prints them.
std::vector<std::string> number_labels(const std::vector<double>& values);

Labels labels_in(const Column& column, const Frame& frame);
Labels labels_in(const Expression& numbers, const Scope& scope);

/// A factor of the texts that occur, unless the scope knows its levels.
Factor learn(Labels labels, const std::string& key, Scope& scope);

/// Levels of a text column in the order of their bytes, of numbers by size; only those that occur
/// in the used rows, unless the scope knows the levels; where it admits others, they follow. `key`
/// is the factor's text.
Factor factor_of(const Column& column, const std::string& key, Scope& scope);
Factor factor_of(const Expression& numbers, const std::string& key, Scope& scope);

/// The combinations that occur, `a:b`, the first factor's level changing slowest.
Factor combination(std::span<const Factor> factors, const std::string& key, Scope& scope);

/// Columns made from the levels of a factor.
struct Coding {
  std::string name = "treatment";  // treatment, sum or helmert
  std::size_t reference = 0;       // the level without a column of its own, in treatment coding
};

/// Value of coded column `column` for each of n levels; `full`: one column for each level.
std::vector<double> coded_values(const Coding& coding, std::size_t n, bool full,
                                 std::size_t column);

/// What follows the variable's name in the labels of the columns.
std::vector<std::string> coded_labels(const Coding& coding, const std::vector<std::string>& levels,
                                      bool full);

}  // namespace tarn::formula
