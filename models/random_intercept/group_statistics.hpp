// What a random-intercept model needs from its rows.
#pragma once

#include <limits>
#include <vector>

#include <tarn/coefficients.hpp>
#include <tarn/design.hpp>
#include <tarn/factor.hpp>

namespace tarn::random_intercept {

/// Group means and the cross-products within and between groups (MODEL.md (1)). Groups of
/// equal weight n enter the marginal likelihood through one matrix, so its cost does not depend on
/// the number of groups.
class GroupStatistics {
 public:
  explicit GroupStatistics(const Design& design);

  Eigen::Index size() const noexcept { return weight_.size(); }  // J
  double count() const noexcept { return static_cast<double>(size()); }
  const Vector& weight() const noexcept { return weight_; }  // n_j

  /// ybar_j - xbar_j'b for all groups.
  Vector residual(ConstVectorRef b) const { return ybar_ - xbar_ * b; }

  /// Sum of the squared residuals within groups.
  double squares_within(ConstVectorRef b) const;

  /// X'e for the residuals e_ij = y_ij - x_ij'b - r_j.
  Vector covariates_times_residuals(ConstVectorRef b, ConstVectorRef r) const;

  /// F(rho), triangular: F'F = W + sum_j n_j / (1 + n_j rho) dbar_j dbar_j'. With the effects
  /// integrated out, b enters p(y | b, sigma, sd) through ||F (b', -1)'||^2 / (2 sigma^2) alone.
  /// The last is remembered: a place that was accepted is asked for again to draw the rest.
  const Matrix& factor(double rho) const;

  /// The same with the effects given: [x, y - r]'[x, y - r] from the factor of [x, y].
  Matrix factor_given(ConstVectorRef r, ConstMatrixRef total) const;

  /// sum_j log(1 + n_j rho), and its derivative in rho.
  double log_determinant(double rho) const;
  double log_determinant_slope(double rho) const;

  /// How fast E ||F(rho) (b', -1)'||^2 falls as rho grows, under a fixed posterior of b.
  double expected_decrease(double rho, const Coefficients::Integrated& b) const;

 private:
  /// The groups of one weight.
  struct Bucket {
    double n;
    double groups;
    Matrix products;  // n sum dbar dbar', the response shifted
    Matrix factor;    // the same as a triangular factor; only where digits are scarce
  };

  Matrix factor_by_products(double rho) const;
  Matrix factor_by_reflections(double rho) const;

  Vector weight_;
  Matrix xbar_;  // J x p
  Vector ybar_;
  Matrix within_;                // triangular: W = within'within
  Matrix within_products_;       // W, the response shifted
  std::vector<Bucket> buckets_;  // by increasing n
  double shift_ = 0;             // taken off the response where there is an intercept
  bool well_conditioned_ = true;
  mutable double last_rho_ = std::numeric_limits<double>::quiet_NaN();
  mutable Matrix last_factor_;
};

}  // namespace tarn::random_intercept
