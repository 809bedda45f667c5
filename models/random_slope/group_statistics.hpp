// What a random-slope model needs from its rows.
#pragma once

#include <vector>

#include <tarn/design.hpp>
#include <tarn/factor.hpp>

#include "kernel/kernel.hpp"

/// Triangles R_j, T_j of all groups (MODEL.md (1)). Loops over the groups whose cost counts run in
/// a kernel, eight groups side by side. Sigma enters as lambda = chol(Sigma) / sigma, which may be
/// singular.
class GroupStatistics {
 public:
  explicit GroupStatistics(const tarn::Design& design);

  Eigen::Index size() const noexcept { return groups_.levels(); }    // J
  Eigen::Index columns() const noexcept { return groups_.columns; }  // q
  double count() const noexcept { return static_cast<double>(size()); }

  /// F(lambda), triangular, and sum_j log |K_j| (MODEL.md (2)). With the effects integrated out b
  /// enters p(y | b, sigma, Sigma) through ||F (b', -1)'||^2 / (2 sigma^2) alone. The last is
  /// remembered: a place that was accepted is asked for again to draw the rest.
  struct Marginal {
    tarn::Matrix factor;
    double log_determinant;
  };
  const Marginal& marginal(const tarn::Matrix& lambda) const;

  /// The derivative of -(sum_j log |K_j| + tr(B'F'F B))/2 with respect to lambda lambda' (MODEL.md
  /// (6)).
  tarn::Matrix derivative(const tarn::Matrix& lambda, const tarn::Matrix& B) const;

  /// The same as marginal() with the effects given: [x, y - z'r]'[x, y - z'r] from the factor of
  /// [x, y].
  tarn::Matrix factor_given(tarn::ConstVectorRef r, tarn::ConstMatrixRef total) const;

  /// r | b, sigma, Sigma of all groups, in the place of standard normals; q numbers for each.
  void draw(const tarn::Matrix& lambda, double sigma, tarn::ConstVectorRef b,
            tarn::VectorRef r) const;

  /// T_jy - T_jx b of all groups, one below the other; less R_j r_j.
  tarn::Vector residual(tarn::ConstVectorRef b) const;
  tarn::Vector residual(tarn::ConstVectorRef b, tarn::ConstVectorRef r) const;

  /// X'(e), Z'(e) for an e as from residual(): what the groups add to the scores of b and r.
  tarn::Vector score_of_b(tarn::ConstVectorRef e) const;
  tarn::Vector score_of_r(tarn::ConstVectorRef e) const;

  /// rest (b', -1)': the residuals that no effect reaches.
  tarn::Vector rest(tarn::ConstVectorRef b) const;
  const tarn::Matrix& rest_factor() const noexcept { return groups_.rest; }

  /// With ratios x_j in the place of r_j = diag(sd) x_j the squared residuals are
  /// c - 2 linear'sd + sd'quadratic sd.
  struct Parabola {
    tarn::Matrix quadratic;
    tarn::Vector linear;
  };
  Parabola parabola(tarn::ConstVectorRef b, const tarn::RowMatrix& ratios) const;

 private:
  Marginal evaluate(const tarn::Matrix& lambda) const;
  void lay_out(const tarn::RowMatrix& T);
  group_kernel::Groups lanes() const;

  const tarn::GroupFactors& groups_;
  const group_kernel::Functions& kernel_ = group_kernel::fastest();
  std::vector<double> R_;  // as the kernel wants them
  std::vector<double> T_;  // the response less its least-squares fit, where products are formed
  tarn::Vector shift_;     // the coefficients of that fit
  tarn::Matrix rest_products_;
  bool well_conditioned_;
  mutable std::vector<double> scratch_;
  mutable tarn::Matrix last_lambda_;
  mutable Marginal last_;
};
