// Positive numbers whose logarithm is normal: the kit (lognormal/FAMILY.md).
#pragma once

#include <limits>

#include <tarn/family_of.hpp>

namespace tarn::lognormal {

struct LogNormal {
  static constexpr std::string_view predicts = "log(y)";

  static FamilyTraits traits() {
    return {.links = {Link::identity}, .response = ResponseKind::positive};
  }

  static std::vector<FamilyParameter> parameters(const Design& design) {
    const Block sigma{"sigma", {}, Support::positive, "standard deviation of log(y)"};
    return {{sigma, residual_parameters(design).front()}};
  }

  /// Of log(y), of those above 0.
  static ColumnScale predictor_scale(const Design& design) {
    return transformed_scale(design, [](double y) {
      return y > 0 ? std::log(y) : std::numeric_limits<double>::quiet_NaN();
    });
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& /*row*/) {
    const T z = (std::log(y) - eta) / psi[0];
    return -0.5 * square(z) - log(psi[0]) - std::log(y) -
           0.5 * std::log(2 * std::numbers::pi);  // (2)
  }

  static double mean(double eta, Psi<double> psi, const RowParts& /*row*/) {
    return std::exp(eta + 0.5 * psi[0] * psi[0]);
  }

  static double variance(double eta, Psi<double> psi, const RowParts& /*row*/) {
    const double of_log = psi[0] * psi[0];
    return std::expm1(of_log) * std::exp(2 * eta + of_log);
  }

  static double draw(double eta, Psi<double> psi, const RowParts& /*row*/, Rng& rng) {
    return std::max(std::exp(eta + psi[0] * rng.normal()), std::numeric_limits<double>::min());
  }

  static double cdf(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    return y <= 0 ? 0 : to_mean(Link::probit, (std::log(y) - eta) / psi[0]);
  }
};

}  // namespace tarn::lognormal
