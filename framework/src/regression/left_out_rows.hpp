// Rows given the other rows of their level, the level's effect integrated out by quadrature.
#pragma once

#include <cstddef>
#include <vector>

#include "regression/quadrature.hpp"

namespace tarn::regression {

/// p(y_i | y_j without i) = p(y_j) / p(y_j without i) of every row i of a level j, given all but
/// the effect u of the level. Both integrals have the nodes of the level where what is left without
/// the row is like the level (u moves little and is known nearly as well), else nodes of their own.
class LeftOutRows {
 public:
  LeftOutRows(const Design& design, Quadrature& quadrature)
      : family_(*design.family), quadrature_(quadrature) {}

  /// Of every row; those that are null are not made. P(y < y_i) and P(y <= y_i) need a
  /// DistributionFunction.
  struct Parts {
    Vector* log_likelihood = nullptr;
    Vector* below = nullptr;
    Vector* up_to = nullptr;
  };

  /// Predictors but for u, the family's parameters (one row for all, or a row for each), the sd
  /// of u.
  struct Point {
    const Vector& eta;
    const Matrix& psi;
    double sd;

    Matrix psi_of(const std::vector<std::size_t>& rows) const {
      return psi.rows() > 1 ? Matrix(psi(rows, Eigen::all)) : psi;
    }
  };

  void evaluate(const RowBlock& block, const Point& at, const Parts& parts);

 private:
  /// At shift k of each level of the block, or of each row of it.
  void values(const Rows& rows, const Vector& eta, const Matrix& psi, const Matrix& u,
              const std::vector<Eigen::Index>& column, const Parts& parts);
  void of_own_nodes(const RowBlock& block, const Point& at, const Vector& of_levels,
                    const Parts& parts);

  const Family& family_;
  Quadrature& quadrature_;
  std::vector<std::size_t> alone_;   // rows that need nodes of their own
  std::vector<Eigen::Index> level_;  // of every row, in the block
  Matrix u_, share_;                 // of the levels of the block
  Matrix l_, below_, up_to_;         // of every row in a column, at the nodes of its level
};

/// P(y < y_i | eta_i, psi) and P(y <= y_i | eta_i, psi) of a family with a DistributionFunction.
void distribution_of(const Family& family, const Rows& rows, const Vector& eta, const Matrix& psi,
                     VectorRef below, VectorRef up_to);

}  // namespace tarn::regression
