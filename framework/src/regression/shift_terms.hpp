// What a ShiftForm says of rows, kept for every block.
#pragma once

#include <vector>

#include "regression/row_blocks.hpp"
#include "tarn/family.hpp"

namespace tarn::regression {

class ShiftTerms {
 public:
  explicit ShiftTerms(const ShiftForm& form) : form_(form) {}

  /// Of every row, times its frequency: equal rows are one term. In the logistic form
  /// logarithms do not add up, so that `scale` is as it was and `number` is multiplied.
  struct Terms {
    bool known = false;
    Matrix psi;
    Vector base, slope, scale, number;
    std::vector<char> whole;  // levels with whole numbers, so small that logarithms cost more
  };

  /// Made anew where psi (one row, or a row for each) is not that of the last call for the block.
  const Terms& of(const RowBlock& block, const Matrix& psi);

 private:
  const ShiftForm& form_;
  std::vector<Terms> kept_;
};

}  // namespace tarn::regression
