// Prepares proposals: a grid in one or two dimensions, a fitted mixture in a few.
#include "preparation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Cholesky>

#include <fmt/format.h>

#include <tarn/distributions.hpp>
#include <tarn/pareto.hpp>

#include "fit_mixture.hpp"
#include "grids.hpp"
#include "mode_mixture.hpp"
#include "pilot.hpp"
#include "pilot_pool.hpp"
#include "split_modes.hpp"

namespace tarn::collapsed {
namespace {

/// Above this shape, importance ratios say too little about the density (Vehtari et al. 2024).
constexpr double reliable = 0.7;

/// Above this one, regions where proposals are scarce may weigh more than the points show.
constexpr double suspect = 0.6;

constexpr int most_proposals = 6;

/// What a proposal is worth in evaluations of the density.
struct Effort {
  double repeats;  // of stored draws, this many may repeat the one before; and of those in a tail
  double repeats_in_tails;
  Eigen::Index points;  // of each trial, per dimension
  bool costly;
};
constexpr Effort thorough{0.03, 0.1, 200, false};
constexpr Effort sparing{0.05, 0.18, 120, true};
constexpr Effort most_sparing{0.1, 0.25, 100, true};
constexpr Effort for_weights{1, 1, 60, true};

const Effort& effort_of(Cost cost) {
  switch (cost) {
    case Cost::little:
      return thorough;
    case Cost::much:
      return sparing;
    case Cost::most:
      return most_sparing;
    case Cost::draws_alone:
      break;
  }
  return for_weights;
}
/// Where more than so many would, proposals are no use.
constexpr double too_many = 0.2;

/// A density in whitened coordinates.
struct Whitened {
  Eigen::Index dimensions;
  const WhitenedDensity& log_density;
  const Whitening& whitening;
};

/// As few proposals per draw as leave few repeats; `of_aims`: this part of them.
int proposals_needed(const PredictedAcceptance& predicted, const Effort& effort, double of_aims) {
  int proposals = 1;
  while (proposals < most_proposals &&
         (predicted.stays(proposals) > of_aims * effort.repeats ||
          predicted.stays_in_tails(proposals) > of_aims * effort.repeats_in_tails)) {
    ++proposals;
  }
  return proposals;
}

/// A proposal and what fresh points say about it.
template <class Tried>
struct Trial {
  std::shared_ptr<const Tried> proposal;
  Pilot pilot;
  PredictedAcceptance predicted;
  double k;

  Trial(std::shared_ptr<const Tried> tried, const Whitened& density, Eigen::Index points, Rng& rng)
      : proposal(std::move(tried)),
        pilot(evaluate(*proposal, density.log_density, density.dimensions, points, rng)),
        predicted(pilot.log_ratios,
                  Eigen::ArrayXd::Constant(points, 1 / static_cast<double>(points)),
                  density.whitening.forward * pilot.points),
        k(smooth_ratios(pilot.log_ratios).k) {}

  /// So near the density that nothing can hide beyond the points.
  bool excellent() const {
    constexpr int few = 3;
    return k < 0.2 && predicted.stays(few) < thorough.repeats &&
           predicted.stays_in_tails(few) < thorough.repeats_in_tails;
  }
};

/// A fitted mixture, judged by all points so far.
struct Judged {
  std::shared_ptr<const DefensiveMixture> proposal;
  double k;
  PredictedAcceptance predicted;

  Judged(const Trial<DefensiveMixture>& trial, const PilotPool& pool, const Whitened& density)
      : proposal(trial.proposal),
        k(trial.k),
        predicted(pool.predict(*trial.proposal, density.whitening.forward)) {}

  bool good() const {
    constexpr int few = 4;
    return k < suspect && predicted.stays(few) < thorough.repeats &&
           predicted.stays_in_tails(few) < thorough.repeats_in_tails;
  }

  bool better_than(const Judged& other) const {
    if ((k < reliable) != (other.k < reliable)) return k < reliable;
    return predicted.stays_in_tails(3) < other.predicted.stays_in_tails(3);
  }
};

void prepare_grid(Preparation& result, const Target& target, const std::vector<Vector>& starts,
                  Rng& rng) {
  const auto parts = grids(target, result.whitening, starts);
  result.whitening = parts.front().whitening;
  const WhitenedDensity log_density = seen_from(result.whitening, target);
  const Trial trial(combined(parts), {target.size(), log_density, result.whitening}, 200, rng);
  result.acceptance = trial.predicted.acceptance();
  result.proposals = proposals_needed(trial.predicted, thorough, 1);
  result.method = "gridded density" + around_modes(parts.size());
  result.proposal = trial.proposal;
}

/// Slice updates along the parameters' own axes, from the heaviest pilot point: where a standard
/// deviation is near 0 and correlations are free, that is the way in and out.
void add_walk(PilotPool& pool, const Whitened& density, Eigen::Index sweeps, Rng& rng) {
  constexpr double worth = 1.0 / 3;  // of a sweep, in independent points
  Eigen::Index heaviest = 0;
  (pool.all().log_ratios + pool.all().log_proposal).maxCoeff(&heaviest);
  Vector w = pool.all().points.col(heaviest);
  Matrix visited(w.size(), sweeps);
  Eigen::ArrayXd log_density(sweeps);
  for (Eigen::Index sweep = 0; sweep < sweeps; ++sweep) {
    for (Eigen::Index k = 0; k < w.size(); ++k) {
      const Vector axis = density.whitening.backward.col(k).normalized();
      const auto along_axis = [&](double t) { return density.log_density(w + t * axis); };
      w += slice(0.0, 2.5, along_axis, rng) * axis;
    }
    visited.col(sweep) = w;
    log_density[sweep] = density.log_density(w);
  }
  pool.add_walk(visited, log_density, worth * static_cast<double>(sweeps));
}

void propose(Preparation& result, std::shared_ptr<const DefensiveMixture> proposal,
             const PredictedAcceptance& predicted, double k, const Effort& effort, double of_aims,
             const std::string& around) {
  const auto& components = proposal->fitted().components();
  result.method = fmt::format("mixture of {} t (nu {}){}", components.size(),
                              components.front().t.nu(), around);
  result.acceptance = predicted.acceptance();
  result.pareto_k = k;
  result.proposals = proposals_needed(predicted, effort, of_aims);
  result.proposal = std::move(proposal);
}

/// What moves a chain on where proposals are too small.
void add_slices(Preparation& result, const PilotPool& pool, bool along_axes) {
  const Square root = weighted(pool.all()).covariance().llt().matrixL();
  result.covariance_root = result.whitening.forward * root;
  const Eigen::Index d = result.covariance_root.rows();
  for (Eigen::Index k = 0; along_axes && k < d; ++k) {
    result.slices.push_back(result.covariance_root.row(k).norm() * Vector::Unit(d, k));
  }
}

/// Of a mixture that fits well less need be spent on defence, and more proposals are taken.
Trial<DefensiveMixture> lightened(const Trial<DefensiveMixture>& trial, const Whitened& density,
                                  Rng& rng) {
  return {std::make_shared<const DefensiveMixture>(trial.proposal->lighter(0.3)), density,
          trial.pilot.points.cols(), rng};
}

void prepare_mixture(Preparation& result, const Target& target, const std::vector<Vector>& starts,
                     const Effort& effort, Rng& rng) {
  const Modes modes = split_around_modes(target, result.whitening, starts);
  result.whitening = modes.whitening;
  const Eigen::Index d = target.size();
  const WhitenedDensity log_density = seen_from(result.whitening, target);
  const Whitened density{d, log_density, result.whitening};
  const std::string around = around_modes(std::max<std::size_t>(1, modes.components.size()));
  const Eigen::Index points = std::min<Eigen::Index>(4000, 2 * effort.points * d);
  PilotPool pool;
  const Trial first(modes.split, density, points / 2, rng);
  pool.add(first.proposal, first.pilot);
  const auto fit = [&](std::size_t most) {
    return std::make_shared<const DefensiveMixture>(fit_mixture(pool.all(), most, modes));
  };
  const Trial second(fit(2), density, points / 2, rng);
  if (effort.repeats == 1) {  // points are weighed: their ratios will tell what they are worth
    if (second.k < reliable) {
      return propose(result, second.proposal, second.predicted, second.k, effort, 1, around);
    }
    pool.add(second.proposal, second.pilot);
    const Trial third(fit(4), density, points, rng);
    const Trial<DefensiveMixture>& better = third.k < second.k ? third : second;
    return propose(result, better.proposal, better.predicted, better.k, effort, 1, around);
  }
  if (second.excellent()) {  // half of the repeats, since no slices move on
    return propose(result, second.proposal, second.predicted, second.k, effort, 0.5, around);
  }
  if (effort.costly && second.k < 0.5) {
    const Trial third = lightened(second, density, rng);
    const Trial<DefensiveMixture>& better =
        third.k < 0.5 && third.predicted.acceptance() > second.predicted.acceptance() ? third
                                                                                      : second;
    const int needed = proposals_needed(better.predicted, effort, 1);
    if (better.predicted.stays(needed) <= effort.repeats &&
        better.predicted.stays_in_tails(needed) <= effort.repeats_in_tails) {
      return propose(result, better.proposal, better.predicted, better.k, effort, 1, around);
    }
  }

  pool.add(second.proposal, second.pilot);
  double worst_k = std::max(first.k, second.k);
  add_walk(pool, density, worst_k < suspect ? 150 : 2400 / d, rng);
  Judged best(second, pool, density);
  for (int round = 0; round < 4 && !best.good(); ++round) {
    const Trial next(fit(round < 2 ? 4 : 8), density, points, rng);
    pool.add(next.proposal, next.pilot);
    worst_k = std::max(worst_k, next.k);
    const Judged judged(next, pool, density);
    best.predicted = pool.predict(*best.proposal, density.whitening.forward);
    if (judged.better_than(best)) best = judged;
  }
  if (!(best.k < reliable)) {
    result.method = fmt::format("mixtures of t have k-hat {:.2f}", best.k);
    return;
  }
  if (best.predicted.stays(most_proposals) > too_many) {
    result.method =
        fmt::format("mixtures of t have acceptance {:.2f}", best.predicted.acceptance());
    return;
  }
  propose(result, best.proposal, best.predicted, best.k, effort, 1, around);
  if (!effort.costly) result.proposals = std::max(3, result.proposals);
  // Where proposals are scarce in one tail, others may hide beyond what the points have met.
  const bool scarce = best.predicted.stays_in_tails(result.proposals) > effort.repeats_in_tails;
  if (effort.costly && !scarce && worst_k < suspect) return;
  add_slices(result, pool, scarce || !(worst_k < suspect));
  if (scarce) result.caution = "few proposals in the tails, where effective draws are fewer";
}

}  // namespace

Preparation prepare(const Target& target, const std::vector<Vector>& starts, Cost cost) {
  const Eigen::Index d = target.size();
  Rng rng(Stream{.purpose = Purpose::pilot});
  Preparation result;
  result.whitening = whiten(target, starts.front(), rng);
  if (d > most_dimensions) return result;
  if (d == 1 || (d == 2 && (cost == Cost::little || cost == Cost::much))) {
    prepare_grid(result, target, starts, rng);
  } else {
    prepare_mixture(result, target, starts, effort_of(cost), rng);
  }
  return result;
}

}  // namespace tarn::collapsed
