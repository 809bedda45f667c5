// Pilot points of several proposals, pooled.
#pragma once

#include <memory>
#include <vector>

#include "pilot.hpp"

namespace tarn::collapsed {

/// Points drawn from proposals one after the other are weighted as draws from the mixture of all of
/// them (Cornuet, Marin, Mira & Robert 2012): no evaluation is lost, and where one proposal is
/// scarce another stands in.
class PilotPool {
 public:
  void add(std::shared_ptr<const Proposal> proposal, const Pilot& pilot);

  /// Points of a walk through the density itself, worth so many independent ones: they tell of
  /// places that no proposal has met. At most one, after a proposal.
  void add_walk(const Matrix& points, const Eigen::ArrayXd& log_density, double worth);

  const Pilot& all() const noexcept { return all_; }

  /// What steps with a proposal would do, by all points: those of the others tell where its own are
  /// missing.
  PredictedAcceptance predict(const Proposal& proposal, const Matrix& to_coordinates) const;

 private:
  void append(const Matrix& points, const Eigen::ArrayXd& log_density, double count);

  std::vector<std::shared_ptr<const Proposal>> proposals_;
  std::vector<double> counts_;  // of points drawn from each
  Eigen::ArrayXd sum_;          // at each point, over the proposals, of count times density
  double total_ = 0;            // of the counts
  double walked_ = 0;           // what the walk is worth
  double log_integral_ = 0;     // of the density
  Eigen::ArrayXd log_density_;
  Pilot all_;
};

}  // namespace tarn::collapsed
