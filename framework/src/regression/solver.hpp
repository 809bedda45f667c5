// The algebra of a Gaussian response: what the rows say of coefficients and effects.
#pragma once

#include <vector>

#include "regression/terms.hpp"

namespace tarn::regression {

/// Statistics of the rows y less their offset, at a cost that does not depend on their number. All
/// at the scale of the weights: sigma enters as lambda_f = chol(Sigma_f) / sigma, which may be
/// singular. One object serves one chain.
class Solver {
 public:
  virtual ~Solver() = default;

  /// Groupings in the order of this solver's factors.
  virtual std::vector<std::size_t> groupings() const = 0;

  /// A sweep or an evaluation begins: what is kept up from step to step is made anew, so that it
  /// depends on the draw alone, not on how the chain came there.
  virtual void begin() {}

  /// sum_i w_i e_i^2, e = y - X b - sum_f Z_f r_f.
  virtual double squares(const Values& at) = 0;

  /// The same; X'W e to slope.b, Z_f'W e to slope.r.
  virtual double scores(const Values& at, Values& slope) = 0;

  /// F, triangular: with the effects given b enters p(y | b, r, sigma) through
  /// ||F (b', -1)'||^2 / (2 sigma^2) alone.
  virtual Matrix given(const Values& at) = 0;

  /// The same with all effects integrated out: F'F = [X y]'V^-1 [X y] for V = W^-1 + sum_f Z_f
  /// lambda_f lambda_f' Z_f', and log |W V|. The last is remembered: a place that was accepted is
  /// asked for again to draw the rest. Only where integrates().
  struct Marginal {
    Matrix factor;
    double log_determinant = 0;
  };
  virtual bool integrates() const { return true; }
  virtual const Marginal& marginal(const std::vector<Matrix>& lambda) = 0;

  /// Its factor alone, for draws of b.
  virtual const Matrix& factor(const std::vector<Matrix>& lambda) {
    return marginal(lambda).factor;
  }

  /// r | b, sigma, Sigma of all factors. Only where integrates().
  virtual void draw_effects(const std::vector<Matrix>& lambda, double sigma, Values& now,
                            Rng& rng) = 0;

  /// The derivative of -(log_determinant + tr(B'F'F B)) / 2 with respect to lambda_f lambda_f'.
  /// Throws PluginError where a solver has none.
  virtual std::vector<Matrix> derivative(const std::vector<Matrix>& lambda, const Matrix& B);

  /// With ratios x_j in the place of r_fj = diag(sd) x_j the squared residuals are c - 2 linear'sd
  /// + sd'quadratic sd. Throws PluginError where a solver has none.
  struct Parabola {
    Matrix quadratic;
    Vector linear;
  };
  virtual Parabola parabola(const Values& at, std::size_t f, const Matrix& ratios);
};

}  // namespace tarn::regression
