// The precision matrix of coefficients and effects given the rows' curvatures.
#pragma once

#include <cstdint>
#include <vector>

#include <Eigen/SparseCore>

#include "regression/row_blocks.hpp"

namespace tarn::regression {

/// x = (b, r_1, r_2, ...): p coefficients, then of every factor q numbers for each level, level by
/// level. The pattern of X'WX + prior, of which the lower triangle is stored: columns of b are
/// full; those of an effect hold its own level and the levels of later factors that it meets in a
/// row. Factors are the groupings in the order of the formula. Shared by all chains.
class LatentStructure {
 public:
  using Sparse = Eigen::SparseMatrix<double>;

  explicit LatentStructure(const Design& design);

  Eigen::Index size() const noexcept { return size_; }
  Eigen::Index p() const noexcept { return p_; }
  std::size_t factors() const noexcept { return factors_.size(); }
  Eigen::Index first(std::size_t f) const { return factors_[f].first; }  // in x
  Eigen::Index q(std::size_t f) const { return factors_[f].q; }
  Eigen::Index levels(std::size_t f) const { return factors_[f].levels; }

  /// Multiplications of a Cholesky factorisation, about. Rows are read only for several factors: the
  /// factorisation of one has no more entries than its matrix.
  static double cost(const Design& design);

  /// Zeros in all places of the pattern.
  const Sparse& pattern() const noexcept { return pattern_; }

  /// Adds all rows with these weights, of every block.
  void add_rows(const RowBlocks& blocks, const std::vector<Vector>& weights, Sparse& Q) const;

  /// Adds a factor's prior precision, q x q, to all of its levels.
  void add_prior(std::size_t f, const Matrix& precision, Sparse& Q) const;

  /// eta of a block's rows at x, the offset included; and X'z added to `sums`.
  void predict(const RowBlock& block, const Vector& x, Vector& eta) const;
  void add_transposed(const RowBlock& block, const Vector& z, Vector& sums) const;

 private:
  struct Factor {
    std::size_t grouping;
    Eigen::Index first;
    Eigen::Index q;
    Eigen::Index levels;
    std::vector<std::size_t> terms;
  };
  /// Two factors, the earlier one first.
  struct Pair {
    std::size_t f;
    std::size_t g;
  };

  /// Columns of a factor's terms in a block, n x q.
  void read_columns(const Factor& factor, const Rows& rows, Matrix& Z) const;
  void find_pattern(const RowBlocks& blocks);

  Eigen::Index p_;
  Eigen::Index size_;
  std::vector<Factor> factors_;
  std::vector<Pair> pairs_;
  Sparse pattern_;
  double cost_ = 0;
  /// Of every pair, block and row: where the levels' q_g entries begin among those of a column of
  /// the earlier one, behind its own level's.
  std::vector<std::vector<std::vector<std::int32_t>>> place_;
};

}  // namespace tarn::regression
