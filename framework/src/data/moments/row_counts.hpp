// What is counted of rows beside their factor.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "tarn/design.hpp"

namespace tarn {

/// Summed row by row, so that blocks of any length give the same bits: four sums that processors
/// add to side by side, by the rows' numbers.
class RowCounts {
 public:
  void add(const Rows& block, Eigen::Index first, Eigen::Index count, bool known_errors) {
    for (Eigen::Index i = first; i < first + count; ++i) {
      const double w = block.frequency[i];
      rows_[(block.first + static_cast<std::size_t>(i)) % rows_.size()] += w;
      if (known_errors && w > 0) log_weight_ += 0.5 * w * std::log(block.weight[i] / w);
    }
  }

  double rows() const { return (rows_[0] + rows_[1]) + (rows_[2] + rows_[3]); }
  double log_weight() const { return log_weight_; }

  void merge(const RowCounts& right) {
    for (std::size_t k = 0; k < rows_.size(); ++k) rows_[k] += right.rows_[k];
    log_weight_ += right.log_weight_;
  }

 private:
  std::array<double, 4> rows_{};  // their sum is Moments::rows
  double log_weight_ = 0;         // as in Moments
};

}  // namespace tarn
