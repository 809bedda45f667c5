// What a model of group variances needs from its rows.
#pragma once

#include <tarn/design.hpp>

namespace tarn::group_variance {

/// Triangles R_j, T_j, S_j of all groups (MODEL.md (1)), and sizes n_j. Each element is a row over
/// the groups, so that loops over groups run along memory: elements of upper triangles and of T_j
/// by their own rows.
struct GroupTriangles {
  explicit GroupTriangles(const Design& design);

  Eigen::Index size() const noexcept { return weight.size(); }  // J
  Eigen::Index coefficients() const noexcept { return shift.size(); }

  /// Element (i, k >= i) of a packed upper triangle of n columns.
  static Eigen::Index upper(Eigen::Index n, Eigen::Index i, Eigen::Index k) {
    return i * n - i * (i - 1) / 2 + k - i;
  }

  Eigen::Index columns = 0;  // q
  Vector weight;             // n_j
  RowMatrix R;               // q (q + 1) / 2 rows
  RowMatrix T;               // q (p + 1)
  RowMatrix S;               // (p + 1)(p + 2) / 2: what no effect of the group reaches
  RowMatrix products;        // of S_j'S_j, as S; only where well_conditioned
  RowMatrix reached;         // of T_j'T_j, the same, where q = 1
  Vector shift;              // T and S hold the response less its fit X shift
  bool well_conditioned;     // cross-products keep the digits that matter

 private:
  void unpack(const RowMatrix& triangles);
  void form_products();
};

}  // namespace tarn::group_variance
