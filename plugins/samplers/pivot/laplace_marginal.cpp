// The density at the modes of the latent variables.
#include "laplace_marginal.hpp"

#include <limits>

#include "mode.hpp"
#include "starting_points.hpp"

namespace tarn::pivot {

Target laplace_target(Model& model) {
  Pivot& pivot = *query<Pivot>(model);
  const auto place = std::shared_ptr<PivotPlace>(pivot.make_place());
  const Vector none = Vector::Zero(static_cast<Eigen::Index>(pivot.latents()));
  return {pivot.hyperparameter_layout(), [place, none](ConstVectorRef natural) {
            return place->set(natural) ? place->log_density(none)
                                       : -std::numeric_limits<double>::infinity();
          }};
}

Anchored anchor_at_mode(Model& model, const Target& target, std::size_t starts,
                        std::size_t prior_draws) {
  Pivot& pivot = *query<Pivot>(model);
  Anchored found{Vector(target.natural_size()), {}};
  if (target.size() > 0) {
    const auto to_phi = [&pivot](ConstVectorRef theta, VectorRef phi) {
      pivot.to_hyperparameters(theta, phi);
    };
    found.starts = collapsed::starting_points(model, target, to_phi, starts, prior_draws);
    Vector& first = found.starts.front();
    if (auto mode = collapsed::find_mode(target, first)) first = mode->at;
    target.to_natural(first, found.phi);
  }
  pivot.anchor(found.phi);
  return found;
}

}  // namespace tarn::pivot
