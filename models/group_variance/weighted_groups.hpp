// The groups at given residual standard deviations.
#pragma once

#include <vector>

#include "group_triangles.hpp"
#include "regression/solver.hpp"
#include "solver/kernel/kernel.hpp"

namespace tarn::group_variance {

/// The solver whose rows of group j are divided by sigma_j: everywhere else sigma is 1. One object
/// serves one chain; weigh() comes first.
class WeightedGroups final : public regression::Solver {
 public:
  explicit WeightedGroups(const Design& design);

  void weigh(ConstVectorRef sigma);

  std::vector<std::size_t> groupings() const override { return {0}; }
  double squares(const regression::Values& at) override;
  double scores(const regression::Values& at, regression::Values& slope) override;
  Matrix given(const regression::Values& at) override;
  const Marginal& marginal(const std::vector<Matrix>& lambda) override;  // MODEL.md (2)
  void draw_effects(const std::vector<Matrix>& lambda, double sigma, regression::Values& now,
                    Rng& rng) override;

  /// SSE_j, the sum of squared residuals of each group, not divided by sigma_j; and what no effect
  /// of the group reaches of it.
  const Vector& squares_of_groups(const regression::Values& at);
  Vector squares_beyond_effects(ConstVectorRef b);

  /// p(y | b, sigma, Sigma), effects integrated out, as a function of Sigma: at() gives its log up
  /// to a constant, once look_at() has set b.
  void look_at(ConstVectorRef b);
  double at(const Matrix& L);
  double at(double sd) const;  // the same where there is one column

  const GroupTriangles& groups() const noexcept { return groups_; }

 private:
  /// T_jy - T_jx b, less R_j r_j: q rows over the groups; and the p + 1 that no effect reaches.
  /// None of them is divided by sigma.
  void form_residual(ConstVectorRef b);
  void subtract_effects(const Vector& r);
  void form_rest(ConstVectorRef b);

  group_kernel::Groups lanes();
  Matrix by_reflections(const RowMatrix& rows) const;
  Eigen::Index d() const { return groups_.coefficients() + 1; }

  const GroupTriangles& groups_;
  const group_kernel::Functions& kernel_ = group_kernel::fastest();
  Vector precision_;  // 1 / sigma_j
  Vector weight_;     // 1 / sigma_j^2
  bool laid_out_ = false;
  std::vector<double> R_;  // weighted, as the kernel wants them
  std::vector<double> T_;
  std::vector<double> E_;  // residuals of look_at(), the same

  Marginal marginal_;

  // What is worked on, made once: a small model would spend half its time on memory.
  RowMatrix lambda_;
  Vector reached_;
  Vector unreached_;
  Matrix products_;
  Vector moved_;
  RowMatrix residual_;
  RowMatrix rest_;
  Vector squares_;
  Vector information_;  // (R_j / sigma_j)^2 and (e_j / sigma_j)^2, where there is one column
  Vector deviation_;
  std::vector<double> scratch_;
};

}  // namespace tarn::group_variance
