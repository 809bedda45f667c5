// Shares of a whole.
#include "prior/dirichlet.hpp"

#include <cmath>
#include <limits>

#include "tarn/distributions.hpp"

namespace tarn {
namespace {

/// exponent log x, 0 where the exponent is.
double log_power(double x, double exponent) { return exponent == 0 ? 0 : exponent * std::log(x); }

double concentration(DensityArguments a, Eigen::Index k) {
  return a.size() == 1 ? a[0] : a[as_size(k)];
}

double concentrations(DensityArguments a, Eigen::Index shares) {
  double sum = 0;
  for (Eigen::Index k = 0; k < shares; ++k) sum += concentration(a, k);
  return sum;
}

}  // namespace

double beta_log_density(double x, double a, double b) {
  const double constant = log_gamma(a + b) - log_gamma(a) - log_gamma(b);
  return constant + log_power(x, a - 1) + (b == 1 ? 0 : (b - 1) * std::log1p(-x));
}

double log_gamma_draw(double shape, Rng& rng) {
  // gamma(a) is gamma(a + 1) U^(1/a) (Marsaglia & Tsang 2000), and -log U is exponential.
  return std::log(rng.gamma(shape + 1)) - rng.exponential() / shape;
}

double dirichlet_log_density(ConstMatrixRef x, DensityArguments a) {
  double value = log_gamma(concentrations(a, x.size()));
  for (Eigen::Index k = 0; k < x.size(); ++k) {
    if (!(x(k, 0) >= 0)) return -std::numeric_limits<double>::infinity();
    value += log_power(x(k, 0), concentration(a, k) - 1) - log_gamma(concentration(a, k));
  }
  return value;
}

void add_dirichlet_gradient(ConstMatrixRef x, DensityArguments a, MatrixRef gradient) {
  for (Eigen::Index k = 0; k < x.size(); ++k) {
    gradient(k, 0) += (concentration(a, k) - 1) / x(k, 0);
  }
}

void draw_dirichlet(MatrixRef x, DensityArguments a, Rng& rng) {
  for (Eigen::Index k = 0; k < x.size(); ++k) x(k, 0) = log_gamma_draw(concentration(a, k), rng);
  x.array() = (x.array() - x.maxCoeff()).exp();
  x /= x.sum();
}

double dirichlet_log_marginal(double x, Eigen::Index k, Eigen::Index shares, DensityArguments a) {
  const double own = concentration(a, k);
  return beta_log_density(x, own, concentrations(a, shares) - own);
}

}  // namespace tarn
