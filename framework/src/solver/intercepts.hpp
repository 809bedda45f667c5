// One grouping factor whose groups differ in their intercept.
#pragma once

#include <limits>
#include <vector>

#include "regression/solver.hpp"

namespace tarn::solver {

/// Group means and the cross-products within and between groups. With n_j the weight of group j,
/// dbar_j its mean row (x', y) and rho = lambda^2 = sd^2 / sigma^2,
///   F'F = W + sum_j n_j / (1 + n_j rho) dbar_j dbar_j'.
/// Groups of equal weight enter through one matrix, so the cost does not depend on their number.
class Intercepts final : public regression::Solver {
 public:
  explicit Intercepts(const Design& design);

  std::vector<std::size_t> groupings() const override { return {0}; }
  double squares(const regression::Values& at) override;
  double scores(const regression::Values& at, regression::Values& slope) override;
  Matrix given(const regression::Values& at) override;
  const Marginal& marginal(const std::vector<Matrix>& lambda) override;
  const Matrix& factor(const std::vector<Matrix>& lambda) override {
    return factor(lambda[0](0, 0) * lambda[0](0, 0));
  }
  void draw_effects(const std::vector<Matrix>& lambda, double sigma, regression::Values& now,
                    Rng& rng) override;
  std::vector<Matrix> derivative(const std::vector<Matrix>& lambda, const Matrix& B) override;
  Parabola parabola(const regression::Values& at, std::size_t f, const Matrix& ratios) override;

  // The same in rho.
  Eigen::Index size() const noexcept { return weight_.size(); }  // J
  const Matrix& factor(double rho) const;

  /// sum_j log(1 + n_j rho), and its derivative in rho.
  double log_determinant(double rho) const;
  double log_determinant_slope(double rho) const;

  /// How fast ||F(rho) B||^2 falls as rho grows.
  double decrease(double rho, Matrix B) const;

  /// r_j | b, sigma, sd ~ N(n_j rho / (1 + n_j rho) (ybar_j - xbar_j'b), sd^2 / (1 + n_j rho)).
  void draw_effects(double rho, double sd, const Vector& b, Vector& r, Rng& rng) const;

 private:
  /// The groups of one weight.
  struct Bucket {
    double n;
    double groups;
    Matrix products;  // n sum dbar dbar', the response shifted
    Matrix factor;    // the same as a triangular factor; only where digits are scarce
  };

  /// ybar_j - xbar_j'b of all groups.
  Vector residual(const Vector& b) const { return ybar_ - xbar_ * b; }
  Matrix factor_by_products(double rho) const;
  Matrix factor_by_reflections(double rho) const;

  const Moments& moments_;
  Vector weight_;  // n_j
  Matrix xbar_;    // J x p
  Vector ybar_;
  Matrix within_;                // triangular: W = within'within
  Matrix within_products_;       // W, the response shifted
  std::vector<Bucket> buckets_;  // by increasing n
  double shift_ = 0;             // taken off the response where there is an intercept
  bool well_conditioned_ = true;
  mutable double last_rho_ = std::numeric_limits<double>::quiet_NaN();
  mutable Matrix last_factor_;
  Marginal marginal_;
};

}  // namespace tarn::solver
