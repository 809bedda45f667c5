// Counts of failures before the first success, with the mean mu = exp(eta):
//   p(y) = mu^y / (1 + mu)^(y + 1),   y = 0, 1, 2, ...
#include <tarn/family_of.hpp>

using namespace tarn;

struct Geometric {
  static constexpr bool log_concave = true;

  static FamilyTraits traits() { return {.links = {Link::log}, .response = ResponseKind::count}; }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T>, const RowParts&) {
    return -y * softplus(-eta) - softplus(eta);
  }
  static double mean(double eta, Psi<double>, const RowParts&) { return exp(eta); }
  static double draw(double eta, Psi<double>, const RowParts&, Rng& rng) {
    return std::floor(rng.exponential() / softplus(-eta));
  }
  static double cdf(double y, double eta, Psi<double>, const RowParts&) {
    return -expm1(-(y + 1) * softplus(-eta));
  }
};

TARN_PLUGIN("geometric", "0.3.0") {
  plugin.family<Geometric>("geometric", "failures before a success");
}
