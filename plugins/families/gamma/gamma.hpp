// Positive numbers whose sd is proportional to their mean: the kit (gamma/FAMILY.md).
#pragma once

#include <boost/math/special_functions/gamma.hpp>

#include <tarn/family_of.hpp>

#include "quiet.hpp"

namespace tarn::gamma {

struct Gamma {
  static constexpr bool log_concave = true;  // in eta: -eta - y exp(-eta)

  static FamilyTraits traits() {
    return {.links = {Link::log}, .response = ResponseKind::positive};
  }

  static std::vector<FamilyParameter> parameters(const Design& /*design*/) {
    return {family_parameter("shape", Support::positive, "variance mu^2 / shape",
                             "inv_gamma(0.4, 0.3)", "1/sqrt(shape) about half-normal")};
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& /*row*/) {
    const T& shape = psi[0];
    const T r = std::log(y) - eta;
    return shape * (r - expm1(r)) + (shape * log(shape) - shape - log_gamma(shape)) -
           std::log(y);  // (2)
  }

  static constexpr ShiftForm::Form shift_form = ShiftForm::Form::reciprocal;
  static ShiftRow shift(double y, Psi<double> psi, const RowParts& /*row*/) {
    const double shape = psi[0];
    return {shape * std::log(shape * y) - log_gamma(shape) - std::log(y), -shape, shape * y};
  }

  static double mean(double eta, Psi<double> /*psi*/, const RowParts& /*row*/) {
    return std::exp(eta);
  }

  static double variance(double eta, Psi<double> psi, const RowParts& /*row*/) {
    return std::exp(2 * eta) / psi[0];
  }

  static double draw(double eta, Psi<double> psi, const RowParts& /*row*/, Rng& rng) {
    return draw_gamma(psi[0], std::exp(eta), rng);
  }

  static double cdf(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    if (y <= 0) return 0;
    const double x = psi[0] * std::exp(std::log(y) - eta);
    return std::isinf(x) ? 1 : boost::math::gamma_p(psi[0], x, Quiet());
  }
};

}  // namespace tarn::gamma
