// Pilot points: they predict the acceptance of a proposal before any chain is drawn.
#pragma once

#include <vector>

#include "proposal.hpp"
#include "whitening.hpp"

namespace tarn::collapsed {

/// Draws from a proposal, one per column. Ratios are of the density to the proposal's.
struct Pilot {
  Matrix points;
  Eigen::ArrayXd log_proposal;
  Eigen::ArrayXd log_ratios;  // -inf where the density is 0 or NaN
};

Pilot evaluate(const Proposal& proposal, const WhitenedDensity& log_density,
               Eigen::Index dimensions, Eigen::Index points, Rng& rng);

/// What independence Metropolis-Hastings steps do once the chain has converged, predicted from
/// points that a proposal draws with known probabilities and the density's ratios w to it: the
/// chain is at a point with probability proportional to that of its draw times w, and accepts point
/// j from point i with probability min(1, w_j / w_i).
class PredictedAcceptance {
 public:
  /// At least one ratio is positive. Tails are those of the rows of `coordinates`. `draws` add up
  /// to 1.
  PredictedAcceptance(const Eigen::ArrayXd& log_ratios, const Eigen::ArrayXd& draws,
                      const Matrix& coordinates);

  double acceptance() const;

  /// The probability that none of so many steps moves.
  double stays(int steps) const;

  /// The same from the worst of all tails that have 5 % of the mass: there proposals are scarcest.
  double stays_in_tails(int steps) const;

 private:
  Eigen::ArrayXd mass_;       // of the chain at each point
  Eigen::ArrayXd rejection_;  // of a step from there
  std::vector<std::vector<Eigen::Index>> tails_;
};

}  // namespace tarn::collapsed
