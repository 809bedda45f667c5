// One grouping factor with any columns.
#pragma once

#include <vector>

#include "regression/solver.hpp"
#include "solver/kernel/kernel.hpp"

namespace tarn::solver {

/// Triangles R_j, T_j of all groups (GroupFactors). Loops over the groups whose cost counts run in
/// a kernel, eight groups side by side, over memory that is laid out for it.
class OneFactor final : public regression::Solver {
 public:
  explicit OneFactor(const Design& design);

  std::vector<std::size_t> groupings() const override { return {0}; }
  double squares(const regression::Values& at) override;
  double scores(const regression::Values& at, regression::Values& slope) override;
  Matrix given(const regression::Values& at) override;
  const Marginal& marginal(const std::vector<Matrix>& lambda) override;
  void draw_effects(const std::vector<Matrix>& lambda, double sigma, regression::Values& now,
                    Rng& rng) override;
  std::vector<Matrix> derivative(const std::vector<Matrix>& lambda, const Matrix& B) override;
  Parabola parabola(const regression::Values& at, std::size_t f, const Matrix& ratios) override;

 private:
  Eigen::Index size() const noexcept { return groups_.levels(); }    // J
  Eigen::Index columns() const noexcept { return groups_.columns; }  // q

  /// R_j r_j of all groups, one below the other.
  Vector fitted(const Vector& r) const;

  /// T_jy - T_jx b of all groups; and the residuals that no effect reaches.
  Vector residual(const Vector& b) const;
  Vector rest(const Vector& b) const;

  Marginal evaluate(const Matrix& lambda) const;
  void lay_out(const RowMatrix& T);
  group_kernel::Groups lanes() const;

  const Moments& moments_;
  const GroupFactors& groups_;
  const group_kernel::Functions& kernel_ = group_kernel::fastest();
  std::vector<double> R_;  // as the kernel wants them
  std::vector<double> T_;  // the response less its least-squares fit, where products are formed
  Vector shift_;           // the coefficients of that fit
  Matrix rest_products_;
  bool well_conditioned_;
  mutable std::vector<double> scratch_;
  Matrix last_lambda_;
  Marginal last_;
};

}  // namespace tarn::solver
