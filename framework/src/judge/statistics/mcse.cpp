// Monte Carlo standard errors of means, standard deviations and quantiles.
#include "tarn/statistics/mcse.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/special_functions/beta.hpp>

namespace tarn::statistics {
namespace {

using DoubleOnly = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

// Phi(-1) and Phi(1), with the digits that posterior has.
constexpr double lower_tail = 0.1586553;
constexpr double upper_tail = 0.8413447;

}  // namespace

double mcse_mean(double sd, double ess_of_mean) { return sd / std::sqrt(ess_of_mean); }

double mcse_sd(ConstVectorRef centred, double ess_of_squares) {
  const double n = static_cast<double>(centred.size());
  const double m2 = centred.squaredNorm() / n;
  const double m4 = centred.array().square().square().sum() / n;
  return std::sqrt((m4 - m2 * m2) / ess_of_squares / m2) / 2;
}

double mcse_quantile(std::span<const double> ascending, double probability, double ess) {
  if (std::isnan(ess)) return std::numeric_limits<double>::quiet_NaN();
  const double a = ess * probability + 1;
  const double b = ess * (1 - probability) + 1;
  const auto draws = static_cast<double>(ascending.size());
  const double low = std::floor(boost::math::ibeta_inv(a, b, lower_tail, DoubleOnly()) * draws);
  const double high = std::ceil(boost::math::ibeta_inv(a, b, upper_tail, DoubleOnly()) * draws);
  const auto first = static_cast<std::size_t>(std::max(low, 1.0));
  const auto last = static_cast<std::size_t>(std::min(high, draws));
  return (ascending[last - 1] - ascending[first - 1]) / 2;
}

}  // namespace tarn::statistics
