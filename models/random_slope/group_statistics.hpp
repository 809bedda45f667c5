// What a random-slope model needs from its rows.
#pragma once

#include <vector>

#include <tarn/design.hpp>
#include <tarn/factor.hpp>

#include "kernel/kernel.hpp"

namespace tarn::random_slope {

/// Triangles R_j, T_j of all groups (MODEL.md (1)). Loops over the groups whose cost counts run in
/// a kernel, eight groups side by side. Sigma enters as lambda = chol(Sigma) / sigma, which may be
/// singular.
class GroupStatistics {
 public:
  explicit GroupStatistics(const Design& design);

  Eigen::Index size() const noexcept { return groups_.levels(); }    // J
  Eigen::Index columns() const noexcept { return groups_.columns; }  // q
  double count() const noexcept { return static_cast<double>(size()); }

  /// F(lambda), triangular, and sum_j log |K_j| (MODEL.md (2)). With the effects integrated out b
  /// enters p(y | b, sigma, Sigma) through ||F (b', -1)'||^2 / (2 sigma^2) alone. The last is
  /// remembered: a place that was accepted is asked for again to draw the rest.
  struct Marginal {
    Matrix factor;
    double log_determinant;
  };
  const Marginal& marginal(const Matrix& lambda) const;

  /// The derivative of -(sum_j log |K_j| + tr(B'F'F B))/2 with respect to lambda lambda' (MODEL.md
  /// (6)).
  Matrix derivative(const Matrix& lambda, const Matrix& B) const;

  /// The same as marginal() with the effects given: [x, y - z'r]'[x, y - z'r] from the factor of
  /// [x, y].
  Matrix factor_given(ConstVectorRef r, ConstMatrixRef total) const;

  /// r | b, sigma, Sigma of all groups, in the place of standard normals; q numbers for each.
  void draw(const Matrix& lambda, double sigma, ConstVectorRef b, VectorRef r) const;

  /// T_jy - T_jx b of all groups, one below the other; less R_j r_j.
  Vector residual(ConstVectorRef b) const;
  Vector residual(ConstVectorRef b, ConstVectorRef r) const;

  /// X'(e), Z'(e) for an e as from residual(): what the groups add to the scores of b and r.
  Vector score_of_b(ConstVectorRef e) const;
  Vector score_of_r(ConstVectorRef e) const;

  /// rest (b', -1)': the residuals that no effect reaches.
  Vector rest(ConstVectorRef b) const;
  const Matrix& rest_factor() const noexcept { return groups_.rest; }

  /// With ratios x_j in the place of r_j = diag(sd) x_j the squared residuals are
  /// c - 2 linear'sd + sd'quadratic sd.
  struct Parabola {
    Matrix quadratic;
    Vector linear;
  };
  Parabola parabola(ConstVectorRef b, const RowMatrix& ratios) const;

 private:
  Marginal evaluate(const Matrix& lambda) const;
  void lay_out(const RowMatrix& T);
  group_kernel::Groups lanes() const;

  const GroupFactors& groups_;
  const group_kernel::Functions& kernel_ = group_kernel::fastest();
  std::vector<double> R_;  // as the kernel wants them
  std::vector<double> T_;  // the response less its least-squares fit, where products are formed
  Vector shift_;           // the coefficients of that fit
  Matrix rest_products_;
  bool well_conditioned_;
  mutable std::vector<double> scratch_;
  mutable Matrix last_lambda_;
  mutable Marginal last_;
};

}  // namespace tarn::random_slope
