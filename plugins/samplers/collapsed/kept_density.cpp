// Evaluations of the density of the kept parameters.
#include "kept_density.hpp"

#include <limits>

using namespace tarn;

KeptDensity::KeptDensity(Model& model)
    : collapsed_(*query<Collapsed>(model)), target_(kept_target(model)) {}

Place KeptDensity::nowhere() const {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto size = static_cast<Eigen::Index>(collapsed_.kept().size());
  return {Vector::Constant(size, nan), Vector::Constant(target_.size(), nan), nan, nan};
}

void KeptDensity::evaluate(Place& place) {
  ++evaluations_;
  const double jacobian = target_.to_natural(place.free, place.natural);
  place.log_marginal = collapsed_.log_marginal(place.natural);
  place.log_density = place.log_marginal + jacobian;
}

void KeptDensity::locate(ConstVectorRef natural, Place& place) {
  if (place.natural != natural) {
    ++evaluations_;
    place.natural = natural;
    place.log_marginal = collapsed_.log_marginal(natural);
  }
  place.free = target_.free(natural);
  place.log_density = place.log_marginal + target_.log_jacobian(place.free);
}
