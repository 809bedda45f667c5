// Transitions of the No-U-Turn sampler between places.
#include "nuts_walk.hpp"

#include <utility>

namespace tarn::collapsed {
namespace {

/// Up to so many coordinates their covariance is learnt from the windows of a usual warm-up.
constexpr Eigen::Index dense_below = 30;

}  // namespace

NutsWalk::NutsWalk(MarginalDensity& density, std::string because)
    : density_(density),
      because_(std::move(because)),
      nuts_(density.target(), {.dense = density.size() <= dense_below}) {}

std::string NutsWalk::plan() const { return because_.empty() ? "NUTS" : "NUTS: " + because_; }

std::vector<Statistic> NutsWalk::statistics() const {
  return {{"acceptance_rate", Statistic::Type::real, "mean acceptance over the trajectory"},
          {"step_size", Statistic::Type::real, "of the leapfrog integrator"},
          {"tree_depth", Statistic::Type::integer, "how often the trajectory was doubled"},
          {"n_steps", Statistic::Type::integer, "leapfrog steps, each one gradient"},
          {"diverging", Statistic::Type::boolean, "whether the integrator lost the trajectory"},
          {"reached_max_treedepth", Statistic::Type::boolean,
           "whether the trajectory was cut off at the greatest depth"},
          {"energy", Statistic::Type::real, "of the draw with its momentum"}};
}

void NutsWalk::move(Place& now, std::span<double> stats, Rng& rng) {
  report(nuts_.move(now.free, rng), now, stats);
}

void NutsWalk::adapt(Place& now, std::span<double> stats, Rng& rng, WarmUp at) {
  report(nuts_.adapt(now.free, rng, at), now, stats);
}

void NutsWalk::report(const nuts::Transition& transition, Place& now, std::span<double> stats) {
  now.free = transition.to.z;
  density_.evaluate(now);
  stats[0] = transition.acceptance;
  stats[1] = transition.step_size;
  stats[2] = transition.depth;
  stats[3] = transition.steps;
  stats[4] = transition.diverging ? 1 : 0;
  stats[5] = transition.cut_off ? 1 : 0;
  stats[6] = transition.energy;
}

}  // namespace tarn::collapsed
