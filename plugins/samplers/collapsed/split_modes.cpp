// A split t for each mode.
#include "split_modes.hpp"

#include <cmath>

#include "mode_mixture.hpp"
#include "search.hpp"
#include "split_t.hpp"

namespace tarn::collapsed {
namespace {

constexpr double nu = 5;

ModeMixture::Part split_around(const Whitening& whitening, const Target& target) {
  const double log_mass = target.log_density(whitening.centre) + log_volume(whitening);
  const auto density = seen_from(whitening, target);
  return {log_mass, whitening,
          std::make_shared<SplitT>(SplitT::around_origin(nu, target.size(), density))};
}

}  // namespace

Modes split_around_modes(const Target& target, const Whitening& known,
                         const std::vector<Vector>& starts) {
  std::vector<ModeMixture::Part> parts = {split_around(known, target)};
  for (const Whitening& other : other_modes(target, known, starts)) {
    parts.push_back(split_around(other, target));
  }
  keep_weighty(parts);
  const Whitening& seen = parts.front().whitening;
  Modes modes{seen, combined(parts), {}};
  if (parts.size() == 1) return modes;
  double total = 0;
  for (const auto& part : parts) total += std::exp(part.log_mass - parts.front().log_mass);
  for (const auto& part : parts) {
    const Square to = seen.backward * part.whitening.forward;
    const Point at = seen.backward * (part.whitening.centre - seen.centre);
    modes.components.push_back(
        {std::exp(part.log_mass - parts.front().log_mass) / total, {nu, at, to * to.transpose()}});
  }
  return modes;
}

}  // namespace tarn::collapsed
