// Computes one parameter's row of the table; a single sort serves all ranks and quantiles.
#include "summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tarn/statistics/mcse.hpp"

namespace tarn::convergence {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr double low_tail = 0.05;
constexpr double high_tail = 0.95;

/// With a second pass, as R has it: the mean of equal draws is that draw.
double mean_of(ConstVectorRef x) {
  const double first = x.mean();
  return std::isfinite(first) ? first + (x.array() - first).mean() : first;
}

}  // namespace

std::vector<std::string> Columns::names() const {
  std::vector<std::string> names{"mean", "sd", "mcse_mean", "mcse_sd"};
  for (const double p : quantiles) names.push_back(fmt::format("q{:g}", 100 * p));
  for (const double p : mcse_quantiles) names.push_back(fmt::format("mcse_q{:g}", 100 * p));
  names.insert(names.end(), {"rhat", "ess_bulk", "ess_tail"});
  return names;
}

Halves::Halves(std::size_t chains, std::size_t draws)
    : draws_(draws > 1 ? draws / 2 : draws), count_(draws > 1 ? 2 * chains : chains) {
  if (draws <= 1 || draws % 2 == 0) return;
  std::uint32_t place = 0;
  for (std::size_t chain = 0; chain < chains; ++chain) {
    for (std::size_t draw = 0; draw < draws; ++draw) {
      place_of_.push_back(draw == draws_ ? Order::dropped : place++);
    }
  }
}

Summary::Summary(const Columns& columns, const Halves& halves, const NormalScores& scores)
    : columns_(columns),
      halves_(halves),
      scores_(scores),
      split_(halves.draws(), halves.count()),
      derived_(halves.draws(), halves.count()),
      indicators_(halves.draws(), halves.count()) {}

Kind Summary::summarise(std::span<const double> x, std::span<double> row) {
  std::fill(row.begin(), row.end(), no_value);
  if (x.empty()) return Kind::varying;
  if (std::any_of(x.begin(), x.end(), [](double draw) { return std::isnan(draw); })) {
    return Kind::not_finite;
  }

  order_.sort(x);
  split(x);
  const auto ascending = order_.values();
  double* next = row.data();

  const Eigen::Map<const Vector> draws(x.data(), as_index(x.size()));
  const double mean = mean_of(draws);
  centred_ = draws.array() - mean;
  const double sd = std::sqrt(centred_.squaredNorm() / static_cast<double>(draws.size() - 1));
  *next++ = mean;
  *next++ = sd;
  chains_.assign(split_);
  *next++ = mcse_mean(sd, effective_draws_(chains_));
  derived_ = (split_.array() - mean).square();
  chains_.assign(derived_);
  *next++ = mcse_sd(centred_, effective_draws_(chains_));

  for (const double p : columns_.quantiles) *next++ = quantile(ascending, p);
  const double low_ess = ess_of_quantile(low_tail);
  const double high_ess = ess_of_quantile(high_tail);
  for (const double p : columns_.mcse_quantiles) {
    const double ess = p == low_tail ? low_ess : p == high_tail ? high_ess : ess_of_quantile(p);
    *next++ = mcse_quantile(ascending, p, ess);
  }

  const Order& order = split_order();
  rank_normalise(order, scores_, derived_);
  chains_.assign(derived_);
  const double bulk_rhat = rhat(chains_);
  const double bulk_ess = effective_draws_(chains_);

  double folded_rhat = no_value;
  const double center = median(ascending);
  if (std::isfinite(center)) {
    folded_.rank_normalise(order, center, scores_, derived_);
    chains_.assign(derived_);
    folded_rhat = rhat(chains_);
  }
  const bool both = !std::isnan(bulk_rhat) && !std::isnan(folded_rhat);
  *next++ = both ? std::max(bulk_rhat, folded_rhat) : no_value;
  *next++ = bulk_ess;
  const bool tails = !std::isnan(low_ess) && !std::isnan(high_ess);
  *next++ = tails ? std::min(low_ess, high_ess) : no_value;

  if (!std::isfinite(ascending.front()) || !std::isfinite(ascending.back())) {
    return Kind::not_finite;
  }
  return ascending.front() == ascending.back() ? Kind::constant : Kind::varying;
}

void Summary::split(std::span<const double> x) {
  if (halves_.all_draws()) {
    std::copy(x.begin(), x.end(), split_.data());
    return;
  }
  const auto place_of = halves_.place_of();
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (place_of[i] != Order::dropped) split_.data()[place_of[i]] = x[i];
  }
  kept_.keep(order_, place_of);
}

// The effective draws of I(x <= q): how well the probability below q is known.
double Summary::ess_of_quantile(double probability) {
  const auto ascending = order_.values();
  const double range = ascending.back() - ascending.front();
  const double size = std::max(std::abs(ascending.front()), std::abs(ascending.back()));
  if (!std::isfinite(range) || !(range > 0) ||
      range < std::numeric_limits<double>::epsilon() * size) {
    return no_value;
  }
  const auto split = split_order().values();
  const auto above = std::upper_bound(split.begin(), split.end(), quantile(ascending, probability));
  indicators_.assign(split_order().places(), as_size(above - split.begin()));
  return effective_draws_(indicators_);
}

}  // namespace tarn::convergence
