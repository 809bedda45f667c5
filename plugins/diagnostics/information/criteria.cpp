// PSIS-LOO and WAIC of one unit (Vehtari, Gelman & Gabry 2017).
#include "criteria.hpp"

#include <cmath>
#include <limits>

#include "tarn/pareto.hpp"

namespace tarn::information {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Multiples of this are added without rounding, so that the order in which threads add them does
/// not matter.
constexpr double quantum = 0x1p-40;

/// exp of minus this is far from the smallest double.
constexpr double representable = 600;

double log_sum_exp(const Eigen::ArrayXd& x) {
  const double peak = x.maxCoeff();
  return peak + std::log((x - peak).exp().sum());
}

}  // namespace

UnitCriteria::UnitCriteria(std::size_t chains, std::size_t draws, bool efficiencies)
    : chains_(as_index(chains)),
      draws_(as_index(draws)),
      efficiencies_(efficiencies),
      influence_(Eigen::ArrayXd::Zero(chains_ * draws_)) {}

Criteria UnitCriteria::operator()(const Eigen::ArrayXd& ll) {
  if (!ll.allFinite()) return {nan, nan, nan, nan, nan, nan, nan};
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
  const double sum = weights_.sum();
  const double elpd_loo = mean - std::log(sum);
  // The delta method: the mean of w (p / E - 1) over that of w, E the density found.
  weights_ = peak - ll.minCoeff() < representable
                 ? (weights_ * (densities_ * std::exp(peak - elpd_loo) - 1) / sum).eval()
                 : ((ratios.log_ratios + ll - elpd_loo).exp() - weights_).eval() / sum;
  const double mcse = std::sqrt(weights_.square().sum() / efficiency);
  const double p_waic = (ll - ll.mean()).square().sum() / (size - 1);
  const Criteria found{elpd_loo, lpd - elpd_loo, ratios.k, efficiency, lpd - p_waic, p_waic, mcse};
  if (counted_.hold(found)) influence_ += (weights_ / quantum).round() * quantum;
  return found;
}

double error_of_sum(const Eigen::ArrayXd& influence, std::size_t chains, std::size_t draws,
                    const std::vector<Criteria>& units, const std::vector<bool>& counted) {
  double squares = influence.square().sum();
  if (squares > 0) {
    statistics::Chains sequences;
    sequences.assign(Eigen::Map<const Matrix>(influence.data(), as_index(draws), as_index(chains)));
    const double effective = statistics::EffectiveDraws()(sequences);
    if (std::isfinite(effective)) squares *= static_cast<double>(influence.size()) / effective;
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (!counted[i]) squares += units[i].mcse * units[i].mcse;
  }
  return std::sqrt(squares);
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
