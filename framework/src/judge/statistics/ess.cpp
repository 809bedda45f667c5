// Geyer's initial monotone sequence, with the truncation rules of posterior 1.4.0.
#include "tarn/statistics/ess.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tarn::statistics {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double rhat(const Sequences& x) {
  if (!x.informative()) return nan;
  const auto n = static_cast<double>(x.draws());
  return std::sqrt((n * x.between() / x.within() + n - 1) / n);
}

double EffectiveDraws::operator()(Sequences& x) {
  const std::size_t n = x.draws();
  if (!x.informative() || n < 3) return nan;

  const double variance =
      x.within() * static_cast<double>(n - 1) / static_cast<double>(n) + x.between();
  const auto rho = [&](std::size_t lag) {
    return 1 - (x.within() - x.autocovariance(lag)) / variance;
  };

  // Pairs of neighbouring lags, as long as their sum is positive.
  double even = 1;
  double odd = rho(1);
  rho_.assign({even, odd});
  std::size_t last = 0;
  while (last + 5 < n && even + odd > 0) {
    last += 2;
    even = rho(last);
    odd = rho(last + 1);
    const bool positive = even + odd >= 0;
    rho_.push_back(positive ? even : 0);
    rho_.push_back(positive ? odd : 0);
  }
  if (even > 0) rho_[last] = even;  // lowers the variance for antithetic chains

  for (std::size_t lag = 2; lag + 2 <= last; lag += 2) {  // pairs may not grow
    const double before = rho_[lag - 2] + rho_[lag - 1];
    if (rho_[lag] + rho_[lag + 1] > before) rho_[lag] = rho_[lag + 1] = before / 2;
  }

  // Without any pair beyond lag 1, posterior counts lag 0 once nevertheless.
  double sum = last == 0 ? rho_[0] : 0;
  for (std::size_t lag = 0; lag < last; ++lag) sum += rho_[lag];
  const auto total = static_cast<double>(n * x.count());
  // Antithetic chains are not believed beyond total * log10(total).
  const double tau = std::max(-1 + 2 * sum + rho_[last], 1 / std::log10(total));
  return total / tau;
}

}  // namespace tarn::statistics
