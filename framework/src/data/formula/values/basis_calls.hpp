// Calls that make several columns: poly(), bs(), ns().
#pragma once

#include "data/formula/values/variable.hpp"

namespace tarn::formula {

bool is_basis_call(const Node& node) noexcept;

/// Learns the basis, unless the scope knows it. Throws InputError with a caret.
Variable read_basis(const Node& node, Scope& scope);

}  // namespace tarn::formula
