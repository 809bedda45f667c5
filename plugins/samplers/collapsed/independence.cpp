// Independence Metropolis-Hastings steps, and a slice.
#include "independence.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "slices.hpp"

namespace tarn::collapsed {

Independence::Independence(MarginalDensity& density, std::shared_ptr<const Preparation> preparation)
    : density_(density), preparation_(std::move(preparation)), proposed_(density.unset_place()) {}

std::string Independence::plan() const {
  std::string plan =
      fmt::format("{}, acceptance {:.2f}", preparation_->method, preparation_->acceptance);
  if (density_.size() > 2) plan += fmt::format(", k-hat {:.2f}", preparation_->pareto_k);
  if (!preparation_->caution.empty()) plan += "; " + preparation_->caution;
  return plan;
}

std::vector<Statistic> Independence::statistics() const {
  std::vector<Statistic> all{
      {"acceptance_rate", Statistic::Type::real, "acceptance probability of the proposals"},
      {"accepted", Statistic::Type::boolean, "whether a proposal was accepted"}};
  if (density_.size() > 2) {
    all.push_back({"pareto_k", Statistic::Type::real,
                   "shape of the tail of the proposal's importance ratios; reliable below 0.7"});
    all.push_back({"n_steps", Statistic::Type::integer, "evaluations of the density"});
  }
  return all;
}

double Independence::log_proposal(const Place& place) const {
  const Whitening& to = preparation_->whitening;
  const Point from_centre = place.free - to.centre;
  return preparation_->proposal->log_density(to.backward.lazyProduct(from_centre));
}

/// Once a proposal is taken the start is forgotten. At most a fifth of transitions take none
/// (prepare() sees to that): 0.2^30 = 1e-21; from a start out in a tail where nine of ten take
/// none, 4 %, and slices move on from there.
std::size_t Independence::warm_up() const { return 30; }

void Independence::move(Place& now, std::span<double> stats, Rng& rng) {
  const auto evaluations = density_.evaluations();
  const Whitening& whitening = preparation_->whitening;
  double now_proposal = log_proposal(now);
  double acceptance = 0;
  bool any = false;
  for (int i = 0; i < preparation_->proposals; ++i) {
    const Point w = preparation_->proposal->draw(rng);
    proposed_.free = whitening.centre + whitening.forward.lazyProduct(w);
    density_.evaluate(proposed_);
    const double proposal = preparation_->proposal->log_density(w);
    const double log_ratio = proposed_.log_density - proposal - now.log_density + now_proposal;
    const double probability = std::isnan(log_ratio) ? 0 : std::exp(std::min(log_ratio, 0.0));
    acceptance += probability;
    if (rng.uniform() >= probability) continue;
    std::swap(now, proposed_);
    now_proposal = proposal;
    any = true;
  }
  stats[0] = acceptance / preparation_->proposals;
  stats[1] = any ? 1 : 0;
  if (density_.size() <= 2) return;
  if (preparation_->covariance_root.size() > 0) {
    slice_anywhere(density_, preparation_->covariance_root, now, proposed_, rng);
  }
  for (const Vector& direction : preparation_->slices) {
    slice_along(density_, direction, now, proposed_, rng);
  }
  stats[2] = preparation_->pareto_k;
  stats[3] = static_cast<double>(density_.evaluations() - evaluations);
}

}  // namespace tarn::collapsed
