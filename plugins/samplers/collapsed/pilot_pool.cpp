// Weights of pooled pilot points.
#include "pilot_pool.hpp"

#include <cmath>
#include <utility>

namespace tarn::collapsed {

void PilotPool::append(const Matrix& points, const Eigen::ArrayXd& log_density, double count) {
  const Eigen::Index before = all_.points.cols();
  const Eigen::Index total = before + points.cols();
  all_.points.conservativeResize(points.rows(), total);
  all_.points.rightCols(points.cols()) = points;
  log_density_.conservativeResize(total);
  log_density_.tail(points.cols()) = log_density;
  sum_.conservativeResize(total);
  for (Eigen::Index i = before; i < total; ++i) {
    sum_[i] = 0;
    for (std::size_t k = 0; k < proposals_.size(); ++k) {
      sum_[i] += counts_[k] * std::exp(proposals_[k]->log_density(all_.points.col(i)));
    }
  }
  total_ += count;
  Eigen::ArrayXd drawn = sum_;
  // Before a walk there is no integral, and densities may be beyond what exp() holds.
  if (walked_ > 0) drawn += walked_ * (log_density_ - log_integral_).exp();
  all_.log_proposal = (drawn / total_).log();
  all_.log_ratios = log_density_ - all_.log_proposal;
}

void PilotPool::add(std::shared_ptr<const Proposal> proposal, const Pilot& pilot) {
  const auto count = static_cast<double>(pilot.points.cols());
  for (Eigen::Index i = 0; i < all_.points.cols(); ++i) {
    sum_[i] += count * std::exp(proposal->log_density(all_.points.col(i)));
  }
  proposals_.push_back(std::move(proposal));
  counts_.push_back(count);
  append(pilot.points, pilot.log_ratios + pilot.log_proposal, count);
}

void PilotPool::add_walk(const Matrix& points, const Eigen::ArrayXd& log_density, double worth) {
  // The walk draws from the density over its integral, the mean of the ratios so far.
  const double peak = all_.log_ratios.maxCoeff();
  log_integral_ = peak + std::log((all_.log_ratios - peak).exp().mean());
  walked_ = worth;
  append(points, log_density, worth);
}

PredictedAcceptance PilotPool::predict(const Proposal& proposal,
                                       const Matrix& to_coordinates) const {
  Eigen::ArrayXd log_proposal(all_.points.cols());
  for (Eigen::Index i = 0; i < log_proposal.size(); ++i) {
    log_proposal[i] = proposal.log_density(all_.points.col(i));
  }
  Eigen::ArrayXd draws = (log_proposal - all_.log_proposal).exp();
  draws /= draws.sum();
  return {log_density_ - log_proposal, draws, to_coordinates * all_.points};
}

}  // namespace tarn::collapsed
