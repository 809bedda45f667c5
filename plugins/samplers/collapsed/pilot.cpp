// Pilot points and the acceptance that their ratios predict.
#include "pilot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tarn/index.hpp"

namespace tarn::collapsed {
namespace {

/// The first points that hold 5 % of the mass.
std::vector<Eigen::Index> first(const std::vector<Eigen::Index>& order,
                                const Eigen::ArrayXd& mass) {
  std::vector<Eigen::Index> tail;
  double sum = 0;
  for (auto i = order.begin(); i != order.end() && sum < 0.05; ++i) {
    tail.push_back(*i);
    sum += mass[*i];
  }
  return tail;
}

}  // namespace

Pilot evaluate(const Proposal& proposal, const WhitenedDensity& log_density,
               Eigen::Index dimensions, Eigen::Index points, Rng& rng) {
  Pilot pilot{Matrix(dimensions, points), Eigen::ArrayXd(points), Eigen::ArrayXd(points)};
  Vector w(dimensions);
  for (Eigen::Index i = 0; i < points; ++i) {
    const Point drawn = proposal.draw(rng);
    w = drawn;
    const double value = log_density(w);
    pilot.points.col(i) = w;
    pilot.log_proposal[i] = proposal.log_density(drawn);
    // No model's density is infinite but by overflow, where nothing can be said.
    pilot.log_ratios[i] = std::isfinite(value) ? value - pilot.log_proposal[i]
                                               : -std::numeric_limits<double>::infinity();
  }
  return pilot;
}

PredictedAcceptance::PredictedAcceptance(const Eigen::ArrayXd& log_ratios,
                                         const Eigen::ArrayXd& draws, const Matrix& coordinates)
    : rejection_(log_ratios.size()) {
  const Eigen::ArrayXd ratios = (log_ratios - log_ratios.maxCoeff()).exp();
  mass_ = draws * ratios;
  std::vector<Eigen::Index> order(as_size(ratios.size()));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](Eigen::Index i) { return ratios[i]; });
  double below = 0;  // mass of the points with smaller ratios
  double rest = 1;   // of the draws, those with larger ones
  for (const Eigen::Index i : order) {
    // sum_j draws_j min(1, w_j / w_i), the point itself among the proposals
    rejection_[i] = ratios[i] > 0 ? std::max(0.0, 1 - below / ratios[i] - rest) : 0;
    below += mass_[i];
    rest -= draws[i];
  }
  mass_ /= below;

  for (Eigen::Index k = 0; k < coordinates.rows(); ++k) {
    std::ranges::sort(order, {}, [&](Eigen::Index i) { return coordinates(k, i); });
    tails_.push_back(first(order, mass_));
    std::ranges::reverse(order);
    tails_.push_back(first(order, mass_));
  }
}

double PredictedAcceptance::acceptance() const { return 1 - stays(1); }

double PredictedAcceptance::stays(int steps) const { return (mass_ * rejection_.pow(steps)).sum(); }

double PredictedAcceptance::stays_in_tails(int steps) const {
  double worst = 0;
  for (const auto& tail : tails_) {
    double mass = 0;
    double sum = 0;
    for (const Eigen::Index i : tail) {
      mass += mass_[i];
      sum += mass_[i] * std::pow(rejection_[i], steps);
    }
    worst = std::max(worst, sum / mass);
  }
  return worst;
}

}  // namespace tarn::collapsed
