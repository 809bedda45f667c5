// Designs that no model can be fitted to, refused in words.
#pragma once

#include "data/formula/matrix/measure.hpp"
#include "tarn/design.hpp"

namespace tarn::formula {

/// Constant response or covariates; as many coefficients as rows, or more. A discrete response may
/// be constant, and has no sigma.
void refuse_degenerate(const Design& design, const Measures& measures, bool discrete);

/// One level, a column twice, a constant slope.
void refuse_groups(const Design& design, const Measures& measures);

/// Linearly dependent covariates: names them, and the cell of an interaction that is to blame.
void refuse_dependent(const Design& design, const DesignRows& rows);

}  // namespace tarn::formula
