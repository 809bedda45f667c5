// Weights by mass, and a change of coordinates for each part.
#include "mode_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <Eigen/LU>

namespace tarn::collapsed {

ModeMixture::ModeMixture(const std::vector<Part>& parts) {
  double greatest = -std::numeric_limits<double>::infinity();
  for (const Part& part : parts) greatest = std::max(greatest, part.log_mass);
  double total = 0;
  for (const Part& part : parts) total += std::exp(part.log_mass - greatest);
  const Whitening& seen_from = parts.front().whitening;
  for (const auto& [log_mass, own, proposal] : parts) {
    const double weight = std::exp(log_mass - greatest) / total;
    const Square to = own.backward * seen_from.forward;
    parts_.push_back({weight, std::log(weight) + std::log(std::abs(to.determinant())), to,
                      seen_from.backward * own.forward,
                      own.backward * (seen_from.centre - own.centre), proposal});
  }
}

Point ModeMixture::draw(Rng& rng) const {
  double left = rng.uniform();
  const Placed* chosen = &parts_.back();
  for (const Placed& part : parts_) {
    left -= part.weight;
    if (left >= 0) continue;
    chosen = &part;
    break;
  }
  const Point from_shift = chosen->proposal->draw(rng) - chosen->shift;
  return chosen->from.lazyProduct(from_shift);
}

double ModeMixture::log_density(const Point& w) const {
  double sum = 0;
  for (const Placed& part : parts_) {
    const Point v = part.to.lazyProduct(w) + part.shift;
    sum += std::exp(part.log_weight + part.proposal->log_density(v));
  }
  return std::log(sum);
}

void keep_weighty(std::vector<ModeMixture::Part>& parts) {
  constexpr double least_mass = 1e-7;  // less is left to the tails
  // A mass that could not be told is none; where that is so of all, the first stands for them.
  const auto unknown = [](const auto& part) { return std::isnan(part.log_mass); };
  if (std::ranges::all_of(parts, unknown)) parts.erase(parts.begin() + 1, parts.end());
  if (parts.size() == 1) return;
  std::erase_if(parts, unknown);
  std::ranges::stable_sort(parts, std::greater{}, &ModeMixture::Part::log_mass);
  const double least = parts.front().log_mass + std::log(least_mass);
  std::erase_if(parts, [least](const auto& part) { return !(part.log_mass >= least); });
}

std::shared_ptr<const Proposal> combined(const std::vector<ModeMixture::Part>& parts) {
  if (parts.size() == 1) return parts.front().proposal;
  return std::make_shared<ModeMixture>(parts);
}

std::string around_modes(std::size_t modes) {
  return modes == 1 ? "" : " around " + std::to_string(modes) + " modes";
}

}  // namespace tarn::collapsed
