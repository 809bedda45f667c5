// Expectation-maximisation for mixtures of t distributions, and the choice among its results.
#include "fit_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <tarn/pareto.hpp>

namespace tarn::collapsed {
namespace {

using Array = Eigen::ArrayXd;

/// From heavy tails to nearly normal ones.
constexpr double degrees[] = {4, 8, 15, 30, 100};

constexpr double wide_degrees = 4;
constexpr double wide_scale = 2;

/// Covariance of weighted points around a mean, with a grain of the identity (coordinates are
/// whitened) against rounding.
Square weighted_covariance(const Matrix& points, const Array& weights, const Point& mean,
                           double total) {
  const Matrix rooted = (points.colwise() - mean).array().rowwise() * weights.sqrt().transpose();
  return Square(rooted * rooted.transpose()) / total +
         1e-6 * Square::Identity(mean.size(), mean.size());
}

/// A scale matrix takes more points than it has rows.
bool too_few(const Array& responsibilities, double total, Eigen::Index d) {
  return !(total * total > 2.0 * static_cast<double>(d + 1) * responsibilities.square().sum());
}

/// The points of a pilot that weigh something: the rest, half of them as a rule, would only take
/// time.
Pilot weighty(const Pilot& pilot) {
  const Array weights = weighted(pilot).weights;
  const double least = 1e-3 / static_cast<double>(weights.size());
  std::vector<Eigen::Index> phi;
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    if (weights[i] > least) phi.push_back(i);
  }
  return {pilot.points(Eigen::all, phi), pilot.log_proposal(phi), pilot.log_ratios(phi)};
}

/// The density less the mixture where that is positive: what another component is for. `share` is
/// what a point counts for in averages over the proposal.
WeightedPoints remainder(const WeightedPoints& sample, const Array& share,
                         const TMixture& mixture) {
  return {sample.points, (sample.weights - share * mixture.densities(sample.points)).max(0)};
}

}  // namespace

Point WeightedPoints::mean() const { return points * weights.matrix(); }

Square WeightedPoints::covariance() const {
  return weighted_covariance(points, weights, mean(), 1);
}

WeightedPoints weighted(const Pilot& pilot) {
  return {pilot.points, smooth_ratios(pilot.log_ratios).weights()};
}

TMixture maximise(const WeightedPoints& sample, TMixture mixture, double nu, int steps) {
  const auto d = sample.points.rows();
  for (int step = 0; step < steps; ++step) {
    std::vector<Array> distances;
    std::vector<Array> joint;
    Array total = Array::Zero(sample.points.cols());
    for (const auto& [weight, t] : mixture.components()) {
      distances.push_back(t.squared_distances(sample.points));
      joint.push_back(weight * t.log_densities(distances.back()).exp());
      total += joint.back();
    }
    std::vector<TMixture::Component> next;
    double phi = 0;
    for (std::size_t k = 0; k < joint.size(); ++k) {
      const Array responsibility = sample.weights * joint[k] / total;
      const double weight = responsibility.sum();
      if (joint.size() > 1 && too_few(responsibility, weight, d)) continue;
      const double shape = mixture.components()[k].t.nu();
      const Array precision =
          responsibility * (shape + static_cast<double>(d)) / (shape + distances[k]);
      const Point location = sample.points * precision.matrix() / precision.sum();
      next.push_back(
          {weight,
           {nu, location, weighted_covariance(sample.points, precision, location, weight)}});
      phi += weight;
    }
    if (next.empty()) break;
    for (auto& component : next) component.weight /= phi;
    mixture = TMixture(std::move(next));
  }
  return mixture;
}

DefensiveMixture fit_mixture(const Pilot& all, std::size_t most, const Modes& modes) {
  const Pilot pilot = weighty(all);
  const Array raw = (pilot.log_ratios - pilot.log_ratios.maxCoeff()).exp();
  const WeightedPoints sample = weighted(pilot);
  const Point centre = sample.mean();
  const Square covariance = sample.covariance();
  const MultivariateT wide(wide_degrees, centre, wide_scale * wide_scale * covariance);

  Array defence(raw.size());
  for (Eigen::Index i = 0; i < raw.size(); ++i) {
    defence[i] = split_share * std::exp(modes.split->log_density(pilot.points.col(i)));
  }
  defence += wide_share * wide.log_densities(wide.squared_distances(pilot.points)).exp();
  const Array proposal = pilot.log_proposal.exp();
  const Array share = 1 / (proposal * static_cast<double>(all.points.cols()));
  // (int p)^2 / int p^2 / q, up to a factor: the effective share of draws from q.
  const auto efficiency = [&](const TMixture& mixture) {
    const Array q = fitted_share * mixture.densities(pilot.points) + defence;
    return 1 / (raw.square() * proposal / q).sum();
  };

  constexpr double nu = 8;
  const std::vector<TMixture::Component> one = {{1, {nu, centre, covariance}}};
  TMixture best =
      maximise(sample, TMixture(modes.components.empty() ? one : modes.components), nu, 4);
  double reached = efficiency(best);
  for (std::size_t k = best.components().size(); k < most; ++k) {
    const WeightedPoints rest = remainder(sample, share, best);
    const double mass = rest.weights.sum();
    if (too_few(rest.weights, mass, centre.size())) break;
    const WeightedPoints scaled{rest.points, rest.weights / mass};
    const MultivariateT t(nu, scaled.mean(), scaled.covariance());
    TMixture candidate = maximise(sample, best.with(1 - mass, t), nu, 8);
    const double reaches = efficiency(candidate);
    if (reaches < 1.02 * reached) break;
    best = std::move(candidate);
    reached = reaches;
  }
  const TMixture shape = best;
  for (const double other : degrees) {
    if (other == nu) continue;
    TMixture candidate = maximise(sample, shape, other, 3);
    // Lighter tails must pay for the risk of what the pilot has not met.
    const double needed = other > best.components().front().t.nu() ? 1.01 : 1;
    const double reaches = efficiency(candidate);
    if (reaches < needed * reached) continue;
    best = std::move(candidate);
    reached = reaches;
  }
  return {std::move(best), modes.split, wide};
}

}  // namespace tarn::collapsed
