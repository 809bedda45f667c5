// Special functions of families, accurate in the tails.
#pragma once

namespace tarn {

/// 1 / (1 + exp(-x)).
double logistic(double x) noexcept;

/// log(1 + exp(x)).
double softplus(double x) noexcept;

/// log(1 - exp(-x)), x > 0.
double log1m_exp(double x) noexcept;

/// log(1 - exp(-exp(x))): the log probability of a complementary log-log link.
double log_cloglog(double x) noexcept;

/// log Phi(x) of the standard normal distribution, and phi(x) / Phi(x).
double normal_log_cdf(double x) noexcept;
double normal_hazard(double x) noexcept;

/// d2/dx2 of normal_log_cdf: -h (x + h), which cancels where x is far below 0.
double normal_log_cdf_curvature(double x) noexcept;

/// d2/dx2 of log_gamma, x > 0.
double trigamma(double x) noexcept;

/// log Gamma(x + n) - log Gamma(x), x > 0, n >= 0: no digit is lost where x is large. And its first
/// and second derivatives with respect to x.
double log_rising(double x, double n) noexcept;
double log_rising_slope(double x, double n) noexcept;
double log_rising_curvature(double x, double n) noexcept;

/// log n!, of whole numbers from 0.
double log_factorial(double n) noexcept;

/// log of n over k, of whole numbers 0 <= k <= n.
double log_choose(double n, double k) noexcept;

/// Of the Poisson distribution with the mean exp(eta): the log probability of a whole number, to
/// 1e-9 for counts of 1e9 too.
double poisson_log_mass(double y, double eta) noexcept;

}  // namespace tarn
