// What is prepared before the first draw: whitening, proposal, number of proposals.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tarn/target.hpp>

#include "proposal.hpp"
#include "whitening.hpp"

namespace tarn::collapsed {

/// What an evaluation of the density costs beside the rest of a draw: little; much, for it reads
/// all rows; or most of it. Where evaluations are worth saving there are fewer in the preparation
/// and in each draw. Draws alone:
/// points are weighed, so that a second fit is the last.
enum class Cost { little, much, most, draws_alone };

/// Never changes once made, and does not depend on chain or seed: chains may share it.
struct Preparation {
  Whitening whitening;
  std::shared_ptr<const Proposal> proposal;  // none: the density must be walked
  std::string method;          // "gridded density"; without a proposal: why, or nothing
  std::string caution;         // what makes draws less than nearly independent, if anything
  double acceptance = 0;       // of one proposal, predicted
  double pareto_k = 0;         // of the importance ratios
  int proposals = 1;           // per draw
  Matrix covariance_root;      // a root of the covariance; empty where no slices are needed
  std::vector<Vector> slices;  // directions in which proposals are scarce
};

/// `starts` are points of finite density, dispersed over the scales of data and priors: all modes
/// that ascents from there reach are proposed. In more than most_dimensions, whitening alone, from
/// the first.
Preparation prepare(const Target& target, const std::vector<Vector>& starts,
                    Cost cost = Cost::little);

}  // namespace tarn::collapsed
