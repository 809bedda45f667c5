// Bridge sampling by the fixed point of Meng & Wong (1996), in logarithms.
#include "bridge.hpp"

#include <cmath>

#include "tarn/statistics/chains.hpp"
#include "tarn/statistics/ess.hpp"

namespace tarn::information {
namespace {

constexpr int most_steps = 1000;
constexpr double settled = 1e-10;  // of the logarithm

/// The squared relative error of the mean of dependent draws.
double squared_error(const Eigen::ArrayXd& x, std::size_t chains) {
  const auto size = static_cast<double>(x.size());
  const double mean = x.mean();
  const double variance = (x - mean).square().sum() / (size - 1);
  if (!(variance > 0)) return 0;
  statistics::Chains sequences;
  const auto columns = as_index(chains);
  sequences.assign(Eigen::Map<const Matrix>(x.data(), x.size() / columns, columns));
  const double effective = statistics::EffectiveDraws()(sequences);
  return variance / (mean * mean) / (std::isfinite(effective) ? effective : size);
}

}  // namespace

Bridged bridge(const Sampled& with, const Sampled& without) {
  const Eigen::ArrayXd& inside = with.log_likelihood;
  const Eigen::ArrayXd& outside = without.log_likelihood;
  const auto total = static_cast<double>(inside.size() + outside.size());
  const double s_in = static_cast<double>(inside.size()) / total;
  const double s_out = static_cast<double>(outside.size()) / total;
  // Between the two: their means bound the logarithm by Jensen's inequality.
  double elpd = 0.5 * (inside.mean() + outside.mean());
  Eigen::ArrayXd of_outside, of_inside;
  for (int step = 0; step < most_steps; ++step) {
    of_outside = 1 / (s_in + s_out * (elpd - outside).exp());
    of_inside = 1 / (s_in * (inside - elpd).exp() + s_out);
    const double change = std::log(of_outside.mean()) - std::log(of_inside.mean());
    elpd += change;
    if (!(std::abs(change) > settled)) break;
  }
  return {elpd, std::sqrt(squared_error(of_outside, without.chains) +
                          squared_error(of_inside, with.chains))};
}

}  // namespace tarn::information
