// Proportions between 0 and 1 (FAMILY.md).
#include <boost/math/special_functions/beta.hpp>

#include <tarn/family_of.hpp>

#include "quiet.hpp"

namespace tarn::beta {

struct Beta {
  static FamilyTraits traits() {
    return {.links = {Link::logit}, .response = ResponseKind::proportion};
  }

  static std::vector<FamilyParameter> parameters(const Design& /*design*/) {
    return {family_parameter("phi", Support::positive, "variance mu (1 - mu) / (1 + phi)",
                             "inv_gamma(0.4, 0.3)", "1/sqrt(phi) about half-normal")};
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& /*row*/) {
    const T& phi = psi[0];
    const T a = phi * logistic(eta), b = phi * logistic(-eta);
    // log Gamma(a) = log Gamma(1 + a) - log a, for a may be 0 to a double where its logarithm is
    // not.
    const T log_ab = 2 * log(phi) - softplus(-eta) - softplus(eta);
    return log_gamma(phi) - log_gamma(1 + a) - log_gamma(1 + b) + log_ab + (a - 1) * std::log(y) +
           (b - 1) * std::log1p(-y);  // (2)
  }

  /// Expected: -d2/deta2 itself can be below 0: (4).
  static double curvature(double /*y*/, double eta, Psi<double> psi, const RowParts& /*row*/) {
    const double mean = logistic(eta), rest = logistic(-eta);
    const double a = psi[0] * mean, b = psi[0] * rest;
    return square(rest) * squared_trigamma(a) + square(mean) * squared_trigamma(b);
  }

  static double mean(double eta, Psi<double> /*psi*/, const RowParts& /*row*/) {
    return logistic(eta);
  }

  static double variance(double eta, Psi<double> psi, const RowParts& /*row*/) {
    return logistic(eta) * logistic(-eta) / (1 + psi[0]);
  }

  static double draw(double eta, Psi<double> psi, const RowParts& /*row*/, Rng& rng) {
    return draw_beta(psi[0] * logistic(eta), psi[0] * logistic(-eta), rng);
  }

  static double cdf(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    if (y <= 0 || y >= 1) return y <= 0 ? 0 : 1;
    return boost::math::ibeta(psi[0] * logistic(eta), psi[0] * logistic(-eta), y, Quiet());
  }

 private:
  /// x^2 trigamma(x), which goes to 1 as x goes to 0.
  static double squared_trigamma(double x) { return x < 1e-10 ? 1 : x * x * trigamma(x); }
};

}  // namespace tarn::beta

TARN_PLUGIN("beta", "0.5.0") {
  plugin.family<tarn::beta::Beta>("beta", "proportions between 0 and 1");
}
