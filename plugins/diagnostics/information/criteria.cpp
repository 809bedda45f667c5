// PSIS-LOO and WAIC of one unit (Vehtari, Gelman & Gabry 2017).
#include "criteria.hpp"

#include <cmath>
#include <limits>

#include "tarn/pareto.hpp"

namespace tarn::information {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// exp of minus this is far from the smallest double.
constexpr double representable = 600;

double log_sum_exp(const Eigen::ArrayXd& x) {
  const double peak = x.maxCoeff();
  return peak + std::log((x - peak).exp().sum());
}

}  // namespace

UnitCriteria::UnitCriteria(std::size_t chains, std::size_t draws, bool efficiencies)
    : chains_(static_cast<Eigen::Index>(chains)),
      draws_(static_cast<Eigen::Index>(draws)),
      efficiencies_(efficiencies) {}

Criteria UnitCriteria::operator()(const Eigen::ArrayXd& ll) {
  if (!ll.allFinite()) return {nan, nan, nan, nan, nan, nan};
  const auto size = static_cast<double>(ll.size());
  // Over the greatest, so that no density underflows: the efficiency has no unit.
  const double peak = ll.maxCoeff();
  densities_ = (ll - peak).exp();
  const double lpd = peak + std::log(densities_.sum() / size);

  double efficiency = 1;
  if (efficiencies_) {
    sequences_.assign(Eigen::Map<const Matrix>(densities_.data(), draws_, chains_));
    const double effective = effective_draws_(sequences_) / size;
    if (std::isfinite(effective)) efficiency = effective;
  }
  const SmoothedRatios ratios = smooth_ratios(-ll, efficiency);
  // log sum w p - log sum w; the products w p are all about as large as the least p.
  weights_ = ratios.log_ratios.exp();
  const double mean = peak - ll.minCoeff() < representable
                          ? peak + std::log((weights_ * densities_).sum())
                          : log_sum_exp(ratios.log_ratios + ll);
  const double elpd_loo = mean - std::log(weights_.sum());
  const double p_waic = (ll - ll.mean()).square().sum() / (size - 1);
  return {elpd_loo, lpd - elpd_loo, ratios.k, efficiency, lpd - p_waic, p_waic};
}

Estimate total(const std::vector<Criteria>& units, double Criteria::*figure) {
  const auto n = static_cast<double>(units.size());
  double sum = 0;
  for (const Criteria& unit : units) sum += unit.*figure;
  double squares = 0;
  for (const Criteria& unit : units) {
    const double deviation = unit.*figure - sum / n;
    squares += deviation * deviation;
  }
  return {sum, std::sqrt(n * squares / (n - 1))};
}

}  // namespace tarn::information
