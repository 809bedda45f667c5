// Starts and draws from the prior, as points of a target.
#include "starting_points.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

#include <tarn/error.hpp>
#include <tarn/index.hpp>

namespace tarn::collapsed {

std::vector<Vector> starting_points(
    Model& model, const Target& target,
    const std::function<void(ConstVectorRef theta, VectorRef phi)>& to_target, std::size_t starts,
    std::size_t prior_draws) {
  std::vector<Vector> points;
  Vector theta(as_index(model.layout().size()));
  Vector phi(target.natural_size());
  const auto add = [&] {
    to_target(theta, phi);
    Vector free = target.free(phi);
    if (std::isfinite(target.log_density(free))) points.push_back(std::move(free));
  };
  for (std::uint32_t attempt = 0; attempt < 100 && points.size() < starts; ++attempt) {
    Rng rng({0, attempt, Purpose::start});
    model.start(theta, rng);
    add();
  }
  if (points.empty()) {
    throw PluginError("no starting point of finite density was found; check the priors");
  }
  if (auto* prior = query<PriorDraws>(model)) {
    try {
      for (std::uint64_t k = 0; k < prior_draws; ++k) {
        Rng rng({0, 0, Purpose::prior, k});
        prior->draw_prior(theta, rng);
        add();
      }
    } catch (const InputError&) {  // flat: it has no scale
    }
  }
  return points;
}

}  // namespace tarn::collapsed
