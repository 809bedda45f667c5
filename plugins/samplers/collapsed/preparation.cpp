// A grid in one or two dimensions, a fitted mixture in a few.
#include "preparation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Cholesky>

#include <fmt/format.h>

#include "fit_mixture.hpp"
#include "grid_proposal.hpp"
#include "pareto_k.hpp"
#include "pilot.hpp"
#include "split_t.hpp"

using namespace tarn;

namespace {

/// Above this shape, importance ratios say too little about the density (Vehtari et al. 2024).
constexpr double reliable = 0.7;

/// Of stored draws, this many may repeat the one before; and of those in a tail.
constexpr double repeats = 0.03;
constexpr double repeats_in_tails = 0.1;
constexpr int most_proposals = 6;
/// Where more than this many would, proposals are no use.
constexpr double too_many_repeats = 0.2;

/// A density in whitened coordinates.
struct Whitened {
  Eigen::Index dimensions;
  const WhitenedDensity& log_density;
  const Whitening& whitening;
};

/// As few proposals per draw as leave few repeats.
int proposals_needed(const Foretold& foretold) {
  int proposals = 1;
  while (proposals < most_proposals && (foretold.stays(proposals) > repeats ||
                                        foretold.stays_in_tails(proposals) > repeats_in_tails)) {
    ++proposals;
  }
  return proposals;
}

/// A proposal and what fresh points say about it.
template <class Tried>
struct Trial {
  std::unique_ptr<Tried> proposal;
  Pilot pilot;
  Foretold foretold;
  double k;

  Trial(Tried tried, const Whitened& density, Eigen::Index points, Rng& rng)
      : proposal(std::make_unique<Tried>(std::move(tried))),
        pilot(evaluate(*proposal, density.log_density, density.dimensions, points, rng)),
        foretold(pilot.log_ratios, density.whitening.forward * pilot.points),
        k(smooth_ratios(pilot.log_ratios).k) {}

  bool good() const { return k < 0.5 && foretold.stays(most_proposals) < repeats; }

  bool better_than(const Trial& other) const {
    if ((k < reliable) != (other.k < reliable)) return k < reliable;
    return foretold.stays(2) < other.foretold.stays(2);
  }
};

void prepare_grid(Preparation& result, const Whitened& density, Rng& rng) {
  const Eigen::Index d = density.dimensions;
  const Trial trial(GridProposal(GriddedDensity(static_cast<int>(d), density.log_density), d),
                    density, 200, rng);
  result.acceptance = trial.foretold.acceptance();
  result.proposals = proposals_needed(trial.foretold);
  result.method = "gridded density";
  result.proposal = std::make_unique<GridProposal>(*trial.proposal);
}

void prepare_mixture(Preparation& result, const Whitened& density, Rng& rng) {
  const Eigen::Index d = density.dimensions;
  const Eigen::Index points = std::min<Eigen::Index>(4000, 400 * d);
  constexpr double nu = 5;
  const SplitT split = SplitT::around_origin(nu, d, density.log_density);
  const Trial first(split, density, points, rng);
  Trial best(fit_mixture(first.pilot, 2, split), density, points, rng);
  for (int round = 0; round < 2; ++round) {
    Trial next(fit_mixture(best.pilot, 4, split), density, points, rng);
    if (next.better_than(best)) best = std::move(next);
    if (best.good()) break;
  }
  result.acceptance = best.foretold.acceptance();
  result.pareto_k = best.k;
  result.proposals = std::max(2, proposals_needed(best.foretold));
  const bool enough = best.foretold.stays_in_tails(result.proposals) < repeats_in_tails;
  result.slices = enough ? 1 : static_cast<int>(d);
  if (best.k >= reliable) {
    result.method = fmt::format("mixtures of t have k-hat {:.2f}", best.k);
    return;
  }
  if (best.foretold.stays(most_proposals) > too_many_repeats) {
    result.method = fmt::format("mixtures of t have acceptance {:.2f}", best.foretold.acceptance());
    return;
  }
  const auto& components = best.proposal->fitted().components();
  result.method =
      fmt::format("mixture of {} t (nu {})", components.size(), components.front().t.nu());
  Eigen::ArrayXd weights = smooth_ratios(best.pilot.log_ratios).log_ratios.exp();
  weights /= weights.sum();
  const WeightedPoints sample{best.pilot.points, std::move(weights)};
  result.spread = result.whitening.forward * Matrix(sample.covariance().llt().matrixL());
  result.proposal = std::move(best.proposal);
}

}  // namespace

Preparation prepare(const Target& target, const Vector& start) {
  const Eigen::Index d = target.size();
  Rng rng(Stream{.purpose = Purpose::pilot});
  Preparation result;
  result.whitening = whiten(target, start, rng);
  Vector z(d);
  const WhitenedDensity log_density = [&](const Vector& w) {
    z.noalias() = result.whitening.forward.lazyProduct(w);
    z += result.whitening.centre;
    return target.log_density(z);
  };
  const Whitened density{d, log_density, result.whitening};
  d <= 2 ? prepare_grid(result, density, rng) : prepare_mixture(result, density, rng);
  return result;
}
