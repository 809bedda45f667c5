// The groups at given residual standard deviations.
#pragma once

#include <vector>

#include "group_triangles.hpp"
#include "kernel.hpp"

/// The Gaussian algebra of b and r, the rows of group j divided by sigma_j. One object serves one
/// chain; weigh() comes first. Effects r are q numbers for each group, one group after the other.
class WeightedGroups {
 public:
  explicit WeightedGroups(const GroupTriangles& groups);

  void weigh(tarn::ConstVectorRef sigma);

  /// F, triangular (MODEL.md (2)): with the effects integrated out b enters p(y | b, sigma, Sigma)
  /// through ||F (b', -1)'||^2 / 2. `L` is the Cholesky factor of Sigma.
  tarn::Matrix marginal(const tarn::Matrix& L);

  /// The same with the effects given.
  tarn::Matrix given(tarn::ConstVectorRef r);

  /// r | b, sigma, Sigma, in the place of standard normals.
  void draw(const tarn::Matrix& L, tarn::ConstVectorRef b, tarn::VectorRef r);

  /// T_jy - T_jx b, less R_j r_j: q rows over the groups; and the p + 1 that no effect reaches.
  /// None of them is divided by sigma. What is returned lasts until the next call.
  const tarn::RowMatrix& residual(tarn::ConstVectorRef b);
  const tarn::RowMatrix& residual(tarn::ConstVectorRef b, tarn::ConstVectorRef r);
  const tarn::RowMatrix& rest(tarn::ConstVectorRef b);

  /// SSE_j, the sum of squared residuals of each group.
  const tarn::Vector& squares(tarn::ConstVectorRef b, tarn::ConstVectorRef r);

  /// sum_j X_j'e_j / sigma_j^2, and Z_j'e_j / sigma_j^2 of all groups, from residual() and rest().
  tarn::Vector score_of_b(const tarn::RowMatrix& residual, const tarn::RowMatrix& rest) const;
  tarn::Vector score_of_r(const tarn::RowMatrix& residual) const;

  /// p(y | b, sigma, Sigma), effects integrated out, as a function of Sigma: at() gives its log up
  /// to a constant, once look_at() has set b.
  void look_at(tarn::ConstVectorRef b);
  double at(const tarn::Matrix& L);
  double at(double sd) const;  // the same where there is one column

 private:
  group_kernel::Groups lanes();
  tarn::Matrix by_reflections(const tarn::RowMatrix& rows) const;
  Eigen::Index d() const { return groups_.coefficients() + 1; }

  const GroupTriangles& groups_;
  const group_kernel::Functions& kernel_ = group_kernel::fastest();
  tarn::Vector precision_;  // 1 / sigma_j
  tarn::Vector weight_;     // 1 / sigma_j^2
  bool laid_out_ = false;
  std::vector<double> R_;  // weighted, as the kernel wants them
  std::vector<double> T_;
  std::vector<double> E_;  // residuals of look_at(), the same

  // What is worked on, made once: a small model would spend half its time on memory.
  tarn::RowMatrix lambda_;
  tarn::Vector reached_;
  tarn::Vector unreached_;
  tarn::Matrix products_;
  tarn::Vector moved_;
  tarn::RowMatrix residual_;
  tarn::RowMatrix rest_;
  tarn::Vector squares_;
  tarn::Vector information_;  // (R_j / sigma_j)^2 and (e_j / sigma_j)^2, where there is one column
  tarn::Vector deviation_;
  std::vector<double> scratch_;
};
