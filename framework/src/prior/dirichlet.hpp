// Beta and Dirichlet: Gelman et al. (2013), Bayesian Data Analysis, table A.1.
#pragma once

#include "tarn/density.hpp"

namespace tarn {

double beta_log_density(double x, double a, double b);

/// log of a draw from gamma(shape, 1), where the draw itself may be too small for a double.
double log_gamma_draw(double shape, Rng& rng);

/// dirichlet(a) with the same a for every share, or dirichlet(a1, a2, ...): per volume of all
/// shares but the last.
double dirichlet_log_density(ConstMatrixRef x, DensityArguments a);
void add_dirichlet_gradient(ConstMatrixRef x, DensityArguments a, MatrixRef gradient);
void draw_dirichlet(MatrixRef x, DensityArguments a, Rng& rng);

/// A share alone is beta(a_k, sum of the others).
double dirichlet_log_marginal(double x, Eigen::Index k, Eigen::Index shares, DensityArguments a);

}  // namespace tarn
