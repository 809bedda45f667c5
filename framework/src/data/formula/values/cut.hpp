// cut(x, breaks, ...): numbers to intervals, with R's labels.
#pragma once

#include <string>
#include <vector>

#include "data/formula/values/expression.hpp"

namespace tarn::formula {

struct Cut {
  Expression interval;              // the number of each row's interval, from 1; NaN: in none
  std::vector<std::string> labels;  // empty with labels = FALSE
};

/// Learns the breaks, unless the scope knows them. Throws InputError with a caret.
Cut read_cut(const Node& node, Scope& scope);

/// Whether the call says labels = FALSE: then it stands for numbers.
bool cut_gives_numbers(const Node& node, Scope& scope);

}  // namespace tarn::formula
