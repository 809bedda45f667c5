// Special functions of families: Boost.Math, and forms that keep their digits in the tails.
#include "tarn/special.hpp"

#include <array>
#include <cmath>
#include <numbers>

#include <boost/math/special_functions/trigamma.hpp>

#include "tarn/distributions.hpp"

namespace tarn {
namespace {

constexpr double log_sqrt_2pi = 0.91893853320467274178;

// From here on Stirling's series has all digits after five terms: the next is below 1e-15.
constexpr double stirling_from = 16;

/// log Gamma(x) = (x - 1/2) log x - x + log sqrt(2 pi) + this.
double stirling(double x) noexcept {
  const double y = 1 / (x * x);
  return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y / 1188)))) / x;
}

/// digamma(x) = log x - 1 / (2 x) - this, and the derivative of this.
double digamma_rest(double x) noexcept {
  const double y = 1 / (x * x);
  return y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
}

// Below this erfc leaves the range of a double before long, and x + h(x) has lost 13 bits; the
// series in 1 / x^2 is right to 3e-12 here.
constexpr double mills_below = -35;

/// x + h(x) for x far below 0: 1/|x| - 2/|x|^3 + 10/|x|^5 - 74/|x|^7 + 706/|x|^9.
double hazard_excess(double x) noexcept {
  const double u = 1 / (x * x);
  return (1 - u * (2 - u * (10 - u * (74 - u * 706)))) / -x;
}

constexpr std::size_t tabled = 256;

std::array<double, tabled> log_factorials() noexcept {
  std::array<double, tabled> table{};
  for (std::size_t n = 2; n < tabled; ++n) table[n] = log_gamma(static_cast<double>(n) + 1);
  return table;
}

/// exp(r) - 1 - r.
double exp_rest(double r) noexcept {
  if (std::abs(r) > 0.3) return std::expm1(r) - r;
  double sum = 0;  // 14 terms: the next is below 1e-18 of the first
  for (int k = 14; k > 2; --k) sum = (1 + sum) * r / k;
  return (1 + sum) * r * r / 2;
}

}  // namespace

double logistic(double x) noexcept {
  const double e = std::exp(-std::abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

double softplus(double x) noexcept { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); }

double log1m_exp(double x) noexcept {
  return x < std::numbers::ln2 ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x));
}

double log_cloglog(double x) noexcept {
  // exp(x) is a number without digits below exp(-700); log(1 - exp(-E)) = log E - E / 2 there.
  if (x < -30) return x - std::exp(x) / 2;
  return log1m_exp(std::exp(x));
}

double normal_log_cdf(double x) noexcept {
  if (x < mills_below) return -0.5 * x * x - log_sqrt_2pi - std::log(-x + hazard_excess(x));
  if (x > 5) return std::log1p(-0.5 * std::erfc(x / std::numbers::sqrt2));
  return std::log(0.5 * std::erfc(-x / std::numbers::sqrt2));
}

double normal_hazard(double x) noexcept {
  if (x < mills_below) return -x + hazard_excess(x);
  return std::exp(-0.5 * x * x - log_sqrt_2pi) / (0.5 * std::erfc(-x / std::numbers::sqrt2));
}

double normal_log_cdf_curvature(double x) noexcept {
  const double h = normal_hazard(x);
  return -h * (x < mills_below ? hazard_excess(x) : x + h);
}

double trigamma(double x) noexcept {
  if (x < 1e-150) return HUGE_VAL;  // 1 / x^2
  using namespace boost::math::policies;
  using Quiet = policy<overflow_error<ignore_error>, pole_error<ignore_error>,
                       domain_error<ignore_error>, promote_double<false>>;
  return boost::math::trigamma(x, Quiet());
}

double log_rising(double x, double n) noexcept {
  if (n == 0) return 0;
  if (x < stirling_from) return log_gamma(x + n) - log_gamma(x);
  return n * std::log(x) + (x + n - 0.5) * std::log1p(n / x) - n + stirling(x + n) - stirling(x);
}

double log_rising_slope(double x, double n) noexcept {
  if (n == 0) return 0;
  if (x < stirling_from) return digamma(x + n) - digamma(x);
  return std::log1p(n / x) + 0.5 * n / (x * (x + n)) - digamma_rest(x + n) + digamma_rest(x);
}

double log_rising_curvature(double x, double n) noexcept {
  return n == 0 ? 0 : trigamma(x + n) - trigamma(x);
}

double log_factorial(double n) noexcept {
  static const std::array<double, tabled> table = log_factorials();
  if (n < static_cast<double>(tabled)) return table[static_cast<std::size_t>(n)];
  const double x = n + 1;
  return (x - 0.5) * std::log(x) - x + log_sqrt_2pi + stirling(x);
}

double log_choose(double n, double k) noexcept {
  if (k == 0 || k == n) return 0;
  if (n < static_cast<double>(tabled)) {
    return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
  }
  if (k > n - k) k = n - k;
  return log_rising(n - k + 1, k) - log_factorial(k);
}

double poisson_log_mass(double y, double eta) noexcept {
  if (y < static_cast<double>(tabled)) return y * eta - std::exp(eta) - log_factorial(y);
  // The deviance (Loader 2000): y eta and log y! are each far larger than their difference.
  return -y * exp_rest(eta - std::log(y)) - 0.5 * std::log(y) - log_sqrt_2pi - stirling(y);
}

}  // namespace tarn
