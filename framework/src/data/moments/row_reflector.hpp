// Rows one at a time, reflected into a triangular factor a fixed number at once.
#pragma once

#include <algorithm>
#include <utility>

#include "tarn/factor.hpp"

namespace tarn {

/// The blocks depend on the number of rows since the start alone, not on how the rows arrive.
class RowReflector {
 public:
  explicit RowReflector(Eigen::Index columns) : RowReflector(TriangularFactor(columns)) {}
  explicit RowReflector(TriangularFactor start)
      : factor_(std::move(start)), rows_(block_rows, factor_.matrix().cols()) {}

  /// Adds a row.
  void add(const double* row) {
    double* const out = rows_.data() + count_;
    const Eigen::Index columns = rows_.cols();
    for (Eigen::Index k = 0; k < columns; ++k) out[k * block_rows] = row[k];
    if (++count_ == block_rows) flush();
  }

  /// Adds `count` rows, some at a time: fill(first, block) writes those from `first` on.
  template <class Fill>
  void add(Eigen::Index count, const Fill& fill) {
    for (Eigen::Index first = 0; first < count;) {
      const Eigen::Index some = std::min(count - first, block_rows - count_);
      fill(first, rows_.middleRows(count_, some));
      first += some;
      count_ += some;
      if (count_ == block_rows) flush();
    }
  }

  void clear() {
    factor_ = TriangularFactor(rows_.cols());
    count_ = 0;
  }

  /// The factor of all rows.
  TriangularFactor factor() const {
    TriangularFactor factor = factor_;
    Matrix rows = rows_.topRows(count_);
    if (count_ > 0) factor.add(rows);
    return factor;
  }

 private:
  static constexpr Eigen::Index block_rows = 256;  // a block and its factor stay in the first cache

  void flush() {
    factor_.add(rows_);
    count_ = 0;
  }

  TriangularFactor factor_;
  Matrix rows_;
  Eigen::Index count_ = 0;
};

}  // namespace tarn
