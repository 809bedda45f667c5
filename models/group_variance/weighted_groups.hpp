// The groups at given residual standard deviations.
#pragma once

#include <vector>

#include "group_triangles.hpp"
#include "solver/kernel/kernel.hpp"

namespace tarn::group_variance {

/// The Gaussian algebra of b and r, the rows of group j divided by sigma_j. One object serves one
/// chain; weigh() comes first. Effects r are q numbers for each group, one group after the other.
class WeightedGroups {
 public:
  explicit WeightedGroups(const GroupTriangles& groups);

  void weigh(ConstVectorRef sigma);

  /// F, triangular (MODEL.md (2)): with the effects integrated out b enters p(y | b, sigma, Sigma)
  /// through ||F (b', -1)'||^2 / 2. `L` is the Cholesky factor of Sigma.
  Matrix marginal(const Matrix& L);

  /// The same with the effects given.
  Matrix given(ConstVectorRef r);

  /// r | b, sigma, Sigma, in the place of standard normals.
  void draw(const Matrix& L, ConstVectorRef b, VectorRef r);

  /// T_jy - T_jx b, less R_j r_j: q rows over the groups; and the p + 1 that no effect reaches.
  /// None of them is divided by sigma. What is returned lasts until the next call.
  const RowMatrix& residual(ConstVectorRef b);
  const RowMatrix& residual(ConstVectorRef b, ConstVectorRef r);
  const RowMatrix& rest(ConstVectorRef b);

  /// SSE_j, the sum of squared residuals of each group.
  const Vector& squares(ConstVectorRef b, ConstVectorRef r);

  /// sum_j X_j'e_j / sigma_j^2, and Z_j'e_j / sigma_j^2 of all groups, from residual() and rest().
  Vector score_of_b(const RowMatrix& residual, const RowMatrix& rest) const;
  Vector score_of_r(const RowMatrix& residual) const;

  /// p(y | b, sigma, Sigma), effects integrated out, as a function of Sigma: at() gives its log up
  /// to a constant, once look_at() has set b.
  void look_at(ConstVectorRef b);
  double at(const Matrix& L);
  double at(double sd) const;  // the same where there is one column

 private:
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
