// The log likelihood of the levels in a block of rows, where the predictor of each level is
// shifted.
#pragma once

#include <memory>
#include <vector>

#include "regression/row_blocks.hpp"
#include "tarn/family.hpp"

namespace tarn::regression {

/// Sums over the rows of each level, as functions of the shift u that its predictor eta is given.
/// Which levels are wanted is told by flags; those of the others are left as they are.
class GroupLikelihood {
 public:
  using Wanted = std::vector<char>;

  virtual ~GroupLikelihood() = default;

  /// Rows to be asked about, and their eta before shifts; both are referred to. `psi`: one row for
  /// all, or a row for each.
  virtual void begin(const RowBlock& block, const Vector& eta, const Matrix& psi) = 0;

  /// About where l(u) - u^2 / (2 sd^2) is greatest.
  virtual void guess(double sd, Vector& u) const;

  /// Derivatives of l_j(u_j), the second one negated and never below 0.
  virtual void derivatives(const Vector& u, const Wanted& wanted, Vector& score,
                           Vector& curvature) = 0;

  /// l_j at the shifts in column j of `u`.
  virtual void values(const Matrix& u, const Wanted& wanted, Matrix& l) = 0;

  /// sum_k share_kj dl_i / deta at the shifts u_kj times the frequency, of every row i of level j.
  virtual void mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) = 0;
};

/// For any family, or by sums where the family has a ShiftForm or normal rows.
std::unique_ptr<GroupLikelihood> make_group_likelihood(const Family& family);

/// By calls of the family, one for each shift.
class GeneralLikelihood : public GroupLikelihood {
 public:
  explicit GeneralLikelihood(const Family& family) : family_(family) {}

  void begin(const RowBlock& block, const Vector& eta, const Matrix& psi) override;
  void derivatives(const Vector& u, const Wanted& wanted, Vector& score,
                   Vector& curvature) override;
  void values(const Matrix& u, const Wanted& wanted, Matrix& l) override;
  void mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) override;

 protected:
  template <class Shift>
  void shift(Shift of_level);

  const Family& family_;
  const RowBlock* block_ = nullptr;
  const Vector* eta_ = nullptr;
  Matrix psi_;
  Vector shifted_, by_row_, score_, curvature_;
};

}  // namespace tarn::regression
