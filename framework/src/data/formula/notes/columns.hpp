// What the user should know of a design that can be fitted.
#pragma once

#include <string>
#include <vector>

#include "data/formula/matrix/measure.hpp"

namespace tarn::formula {

/// `(1 + x | g)`
std::string group_term_text(const GroupTerm& term, const Design& design);

/// What to type where a text response has two values: `; --family bernoulli takes ...`, or nothing.
std::string hint_at_two_values(const Column& column, const Frame& frame);

std::vector<std::string> notes_on(const Design& design, const DesignRows& rows,
                                  const Measures& measures, ResponseKind response);

}  // namespace tarn::formula
