// About which values the columns of a group term are centred.
#pragma once

#include <vector>

#include "data/formula/matrix/columns.hpp"
#include "data/formula/matrix/measure.hpp"
#include "data/formula/matrix/rows.hpp"
#include "tarn/centering.hpp"

namespace tarn::formula {

/// Columns that hold numbers are centred about their means where the constant is among the term's
/// columns or a sum of them; indicators of levels stay, so that the others are effects at the
/// reference level. Empty: nothing is moved.
Centering centering_of(const std::vector<ProductColumn>& columns,
                       const std::vector<Extent>& extents);

/// Of all group terms: those that are correlated, if `wanted`.
void center_groups(DesignRows& rows, Design& design, const Measures& measures, bool wanted);

/// Of rows of new data, by the means that were stored.
void center_groups(DesignRows& rows, const std::vector<std::vector<double>>& means);

}  // namespace tarn::formula
