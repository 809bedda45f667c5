// The right side of a formula, expanded into terms by the rules of Wilkinson & Rogers (1973) as R
// applies them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/formula/language/parser.hpp"

namespace tarn::formula {

/// The numbers of its variables, ascending.
using Term = std::vector<std::uint32_t>;

/// Terms by degree, without repetition; variables in the order of their first appearance.
struct Sum {
  bool intercept = true;
  std::vector<Node> variables;
  std::vector<Term> terms;
};

/// (columns | grouping), for one grouping; `g1/g2` gives two of them.
struct Bar {
  Sum columns;
  std::vector<Node> grouping;  // the factors whose combinations are the groups
  bool correlated = true;      // false: ||
  std::size_t at = 0;
};

struct Expanded {
  Sum population;
  std::vector<Bar> bars;
  std::vector<Node> offsets;
};

/// `others` is what `.` stands for.
Expanded expand(const Parsed& formula, std::span<const std::string> others);

/// A formula with its terms. The first of several is that of the response; on the left of the
/// others is a parameter of the family, which is no column.
struct Formula {
  Parsed parsed;
  Expanded expanded;
  bool of_parameter = false;
};
using Formulas = std::vector<Formula>;

/// Where columns are named, each once. The nodes belong to the formula or its expansion.
using Names = std::vector<const Node*>;

/// Columns on the left side, in the order of their appearance.
Names left_columns(const Parsed& formula);

/// Columns in one expression.
Names columns_in(const Node& node);

/// Columns in the groupings of group terms.
Names grouping_columns(const Parsed& formula);

/// Columns that the expanded formula needs, the left side's first. What `-` removed is not needed.
Names used_columns(const Formula& formula);

/// Those of several formulas, each once.
Names used_columns(const Formulas& formulas);

/// Those of the right side alone; and without the groupings.
Names right_columns(const Expanded& expanded);
Names ungrouped_columns(const Expanded& expanded);

/// `pi`, `TRUE` and the like: no columns, unless in back quotes.
bool is_constant_name(const Node& node);

bool uses_dot(const Parsed& formula);

}  // namespace tarn::formula
