// What a ShiftForm says of rows, kept for every block.
#pragma once

#include <vector>

#include "regression/row_blocks.hpp"
#include "tarn/family.hpp"

namespace tarn::regression {

class ShiftTerms {
 public:
  explicit ShiftTerms(const ShiftForm& form)
      : form_(form), each_(static_cast<Eigen::Index>(form.terms())) {}

  Eigen::Index each() const noexcept { return each_; }  // terms of a row

  /// A number for each row once for each of its terms; the numbers themselves where it has one.
  const Vector& repeated(const Vector& by_row, Vector& scratch) const;

  /// And back, in place: sums over the terms of each row.
  void add_up(Vector& by_term) const;

  /// Of every row, whose terms lie side by side, times its frequency. In the logistic form
  /// logarithms do not add up, so that `scale` is as it was and `number` is multiplied.
  struct Terms {
    bool known = false;
    Matrix psi;
    Vector base, slope, scale, number;
    Vector base_sum, slope_sum, number_sum;  // of every level
    std::vector<char> whole;  // levels with whole numbers, so small that logarithms cost more
  };

  /// Made anew where psi (one row, or a row for each) is not that of the last call for the block.
  const Terms& of(const RowBlock& block, const Matrix& psi);

 private:
  const ShiftForm& form_;
  Eigen::Index each_;
  std::vector<Terms> kept_;
};

}  // namespace tarn::regression
