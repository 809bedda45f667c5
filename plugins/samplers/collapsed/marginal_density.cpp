// Evaluations of the density of the marginal parameters.
#include "marginal_density.hpp"

#include <limits>

namespace tarn::collapsed {

MarginalDensity::MarginalDensity(Model& model)
    : collapsed_(*query<Collapsed>(model)), target_(kept_target(model)) {}

Place MarginalDensity::unset_place() const {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto size = as_index(collapsed_.marginal_layout().size());
  return {Vector::Constant(size, nan), Vector::Constant(target_.size(), nan), nan, nan};
}

void MarginalDensity::evaluate(Place& place) {
  ++evaluations_;
  const double jacobian = target_.to_natural(place.free, place.natural);
  place.log_marginal = collapsed_.log_marginal(place.natural);
  place.log_density = place.log_marginal + jacobian;
}

void MarginalDensity::locate(ConstVectorRef natural, Place& place) {
  if (place.natural != natural) {
    ++evaluations_;
    place.natural = natural;
    place.log_marginal = collapsed_.log_marginal(natural);
  }
  place.free = target_.free(natural);
  place.log_density = place.log_marginal + target_.log_jacobian(place.free);
}

}  // namespace tarn::collapsed
