// Names by patterns, and what was meant by a name that matches nothing.
#pragma once

#include <string>
#include <string_view>

#include "expressions/names.hpp"

namespace tarn::launcher::expressions {

/// `*`: any text, `?`: any character; all else, brackets too, stands for itself.
bool matches(std::string_view text, std::string_view pattern);

/// `did you mean 'b[Days]'? `, or where else the name occurs, or nothing.
std::string hint(const Names& names, std::string_view text);

}  // namespace tarn::launcher::expressions
