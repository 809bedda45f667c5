// Student's t about the linear predictor (FAMILY.md).
#include <limits>

#include <boost/math/distributions/students_t.hpp>

#include <tarn/family_of.hpp>

#include "quiet.hpp"

namespace tarn::student {

struct Student {
  static FamilyTraits traits() {
    return {.links = {Link::identity}, .response = ResponseKind::real};
  }

  static std::vector<FamilyParameter> parameters(const Design& design) {
    const Block sigma{"sigma", {}, Support::positive, "scale; the sd is sigma sqrt(nu / (nu - 2))"};
    return {{sigma, residual_parameters(design).front()},
            family_parameter("nu", Support::positive, "degrees of freedom", "gamma(2, 0.1)",
                             "Juarez & Steel (2010)")};
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& /*row*/) {
    const T &sigma = psi[0], &nu = psi[1];
    const T z = (y - eta) / sigma;
    return log_rising(T(0.5 * nu), 0.5) - 0.5 * log(std::numbers::pi * nu) - log(sigma) -
           0.5 * (nu + 1) * log1p(square(z) / nu);  // (2)
  }

  /// The weight of the row as a mixture of normals, which is never below 0: (4).
  static double curvature(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    const double z = (y - eta) / psi[0];
    return (psi[1] + 1) / (psi[1] + z * z) / (psi[0] * psi[0]);
  }

  static double mean(double eta, Psi<double> /*psi*/, const RowParts& /*row*/) { return eta; }

  static double variance(double /*eta*/, Psi<double> psi, const RowParts& /*row*/) {
    const double sigma = psi[0], nu = psi[1];
    return nu > 2 ? sigma * sigma * nu / (nu - 2) : std::numeric_limits<double>::infinity();
  }

  static double draw(double eta, Psi<double> psi, const RowParts& /*row*/, Rng& rng) {
    return eta + psi[0] * rng.normal() / std::sqrt(rng.chi_squared(psi[1]) / psi[1]);
  }

  static double cdf(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    const boost::math::students_t_distribution<double, Quiet> t(psi[1]);
    return boost::math::cdf(t, (y - eta) / psi[0]);
  }
};

}  // namespace tarn::student

TARN_PLUGIN("student", "0.5.0") {
  plugin.family<tarn::student::Student>("student", "Student's t: normal with heavier tails");
}
