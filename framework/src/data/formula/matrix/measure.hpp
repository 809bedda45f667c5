// Means, standard deviations and ranges of the columns of a design, in one pass over its rows.
#pragma once

#include <vector>

#include "data/formula/matrix/rows.hpp"

namespace tarn::formula {

struct Extent {
  ColumnScale scale;
  double low = 0;
  double high = 0;

  /// To the last digits: what remains of centring a constant is one too.
  bool is_constant() const noexcept;
};

struct Measures {
  std::vector<Extent> columns;
  std::vector<std::vector<Extent>> terms;
  Extent response;
};

/// Reads the rows before they are centred. Throws InputError where a value is not finite: the row,
/// and the column or the function that made it so.
Measures measure(const DesignRows& rows);

/// Throws as above for the first value on the right side that is not finite.
void require_finite_columns(const DesignRows& rows);

}  // namespace tarn::formula
