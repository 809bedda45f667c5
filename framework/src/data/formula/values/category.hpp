// Nodes that stand for factors: columns of text, factor(x), cut(x, 3), relevel(g, ref = "b").
#pragma once

#include <string>

#include "data/formula/values/factor.hpp"

namespace tarn::formula {

/// factor(), as.factor(), as.character(), droplevels(), cut(), relevel() or interaction().
bool is_factor_call(const Node& node) noexcept;

/// Whether the node stands for a factor whatever the data: a call as above, unless it gives numbers
/// as cut(x, 3, labels = FALSE) does, a column of text, or ifelse() of texts.
bool makes_factor(const Node& node, Scope& scope);

/// Its levels, learnt under `key`, and codes. A node of numbers has a level for each of them, one
/// of TRUE and FALSE has these two. Throws InputError with a caret.
Factor category(const Node& node, const std::string& key, Scope& scope);

/// A text for each row of such a node, in the order of its levels. Throws InputError with a caret.
Labels labels_of(const Node& node, Scope& scope);

/// factor(x, levels = ...).
bool says_levels(const Node& node) noexcept;

/// Calls in the node that may be missing where their columns are not: values outside the breaks of
/// cut(), or that are no level of factor(x, levels = ...).
void find_partial(const Node& node, std::vector<const Node*>& found);

/// Which of the used rows such a call leaves without a value.
std::vector<char> missing_rows(const Node& call, Scope& scope);

}  // namespace tarn::formula
