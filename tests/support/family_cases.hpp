// The families that ship, with the formulas of a textbook in 50 digits beside them.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>

#include "fit.hpp"
#include "tarn/family.hpp"

namespace tarn::test {

using Big = boost::multiprecision::cpp_bin_float_50;

/// A family with a link and values of its parameters.
struct FamilyCase {
  std::string family;  // "binomial(probit)"
  std::vector<double> psi = {};
  double trials = 1;

  std::string name() const { return family.substr(0, family.find('(')); }
  std::shared_ptr<const Family> make() const { return make_family(registry(), family); }

  bool is(std::string_view part) const { return name().ends_with(part); }
  bool counts() const { return is("poisson") || is("negbinomial"); }
  /// So much of a beta's mass lies nearer to 1 than a double can that nothing adds up.
  bool piles_up() const { return is("beta") && psi[0] < 1; }
  /// Categories, cut by psi.
  bool ordinal() const { return name() == "cumulative"; }
  std::size_t categories() const { return psi.size() + 1; }
  bool trial() const { return name() == "bernoulli" || name() == "binomial"; }
};

inline std::ostream& operator<<(std::ostream& out, const FamilyCase& c) {
  out << c.family << " psi";
  for (const double x : c.psi) out << ' ' << x;
  return out << " trials " << c.trials;
}

/// Every family and link.
inline std::vector<FamilyCase> family_cases() {
  std::vector<FamilyCase> cases;
  for (const std::string link : {"logit", "probit", "cloglog"}) {
    cases.push_back({"bernoulli(" + link + ")"});
    cases.push_back({"binomial(" + link + ")", {}, 7});
    cases.push_back({"cumulative(" + link + ")", {-1.2, 0.3, 0.9}});
    cases.push_back({"cumulative(" + link + ")", {0.4}});
  }
  for (const FamilyCase& c : std::vector<FamilyCase>{{"poisson", {}},
                                                     {"negbinomial", {0.3}},
                                                     {"negbinomial", {40}},
                                                     {"student", {1.7, 4}},
                                                     {"student", {0.4, 60}},
                                                     {"gamma", {0.7}},
                                                     {"gamma", {25}},
                                                     {"beta", {0.8}},
                                                     {"beta", {6}},
                                                     {"beta", {30}},
                                                     {"lognormal", {0.6}},
                                                     {"zero_inflated_poisson", {0.3}},
                                                     {"zero_inflated_negbinomial", {2.5, 0.2}},
                                                     {"hurdle_poisson", {0.4}},
                                                     {"hurdle_negbinomial", {0.8, 0.3}},
                                                     {"hurdle_negbinomial", {30, 0.3}},
                                                     {"hurdle_gamma", {3, 0.25}},
                                                     {"hurdle_lognormal", {0.9, 0.1}}}) {
    cases.push_back(c);
  }
  return cases;
}

/// Cuts at every distance from their neighbours: a step of differences would change their order.
inline std::vector<FamilyCase> near_cuts() {
  std::vector<FamilyCase> cases;
  for (const std::string link : {"logit", "probit", "cloglog"}) {
    cases.push_back({"cumulative(" + link + ")", {-9, -0.5, -0.5 + 1e-12, 0.1, 0.3, 30}});
  }
  return cases;
}

inline Big big_phi(const Big& x) { return boost::math::erfc(Big(-x / sqrt(Big(2)))) / 2; }

/// log p(y) of a count: Poisson, or with a shape negative binomial.
inline Big log_count(const Big& y, const Big& eta, const Big* shape) {
  const Big mu = exp(eta);
  const Big factorial = boost::math::lgamma(Big(y + 1));
  if (shape == nullptr) return y * eta - mu - factorial;
  const Big& f = *shape;
  return boost::math::lgamma(Big(y + f)) - boost::math::lgamma(f) - factorial +
         f * log(f / (f + mu)) + y * log(mu / (f + mu));
}

/// log(F(a) - F(b)), on the side where the tail is small.
inline Big log_between(const std::string& family, const Big& b, const Big& a) {
  if (family.ends_with("(cloglog)")) return log(Big(-expm1(Big(exp(b) - exp(a))))) - exp(b);
  if (a + b > 0) return log_between(family, -a, -b);
  if (family.ends_with("(probit)")) return log(Big(big_phi(a) - big_phi(b)));
  return log(Big(1 / (1 + exp(Big(-a))) - 1 / (1 + exp(Big(-b)))));
}

/// log F(x), and log(1 - F(x)).
inline Big log_below(const std::string& family, const Big& x) {
  if (family.ends_with("(cloglog)")) return log(Big(-expm1(Big(-exp(x)))));
  return family.ends_with("(probit)") ? log(big_phi(x)) : -log1p(exp(Big(-x)));
}
inline Big log_above(const std::string& family, const Big& x) {
  return family.ends_with("(cloglog)") ? Big(-exp(x)) : log_below(family, -x);
}

/// log p(y | eta, psi), from its textbook form.
inline Big reference_log_density(const FamilyCase& c, double at, const Big& eta,
                                 const std::vector<Big>& psi) {
  using boost::math::lgamma;
  const Big y = at;
  if (c.ordinal()) {
    const auto k = static_cast<std::size_t>(at);
    if (k == 1) return log_below(c.family, psi[0] - eta);
    if (k == c.categories()) return log_above(c.family, psi[k - 2] - eta);
    return log_between(c.family, psi[k - 2] - eta, psi[k - 1] - eta);
  }
  if (c.trial()) {
    const Big n = c.trials;
    Big p, q;
    if (c.family.ends_with("(probit)")) {
      p = big_phi(eta);
      q = big_phi(-eta);
    } else if (c.family.ends_with("(cloglog)")) {
      q = exp(Big(-exp(eta)));
      p = -expm1(Big(-exp(eta)));
    } else {
      p = 1 / (1 + exp(Big(-eta)));
      q = 1 / (1 + exp(eta));
    }
    Big l = lgamma(Big(n + 1)) - lgamma(Big(y + 1)) - lgamma(Big(n - y + 1));
    if (y > 0) l += y * log(p);
    if (n > y) l += (n - y) * log(q);
    return l;
  }
  if (c.counts()) {
    const Big* shape = c.is("negbinomial") ? &psi[0] : nullptr;
    if (c.name().starts_with("zero_inflated")) {
      const Big& zi = psi.back();
      if (at > 0) return log(Big(1 - zi)) + log_count(y, eta, shape);
      return log(Big(zi + (1 - zi) * exp(log_count(y, eta, shape))));
    }
    if (c.name().starts_with("hurdle")) {
      if (at == 0) return log(psi.back());
      return log(Big(1 - psi.back())) + log_count(y, eta, shape) -
             log(Big(-expm1(log_count(0, eta, shape))));
    }
    return log_count(y, eta, shape);
  }
  const Big pi = boost::math::constants::pi<Big>();
  if (c.is("student")) {
    const Big &sigma = psi[0], &nu = psi[1];
    const Big z = (y - eta) / sigma;
    return lgamma(Big((nu + 1) / 2)) - lgamma(Big(nu / 2)) - log(Big(nu * pi)) / 2 - log(sigma) -
           (nu + 1) / 2 * log1p(Big(z * z / nu));
  }
  if (c.is("beta")) {
    const Big mu = 1 / (1 + exp(Big(-eta))), rest = 1 / (1 + exp(eta));
    const Big &phi = psi[0], a = mu * phi, b = rest * phi;
    return lgamma(phi) - lgamma(a) - lgamma(b) + (a - 1) * log(y) + (b - 1) * log1p(Big(-y));
  }
  if (c.name().starts_with("hurdle") && at == 0) return log(psi.back());
  const Big positive = c.name().starts_with("hurdle") ? log1p(Big(-psi.back())) : Big(0);
  if (c.is("gamma")) {
    const Big &a = psi[0], rate = a / exp(eta);
    return positive + a * log(rate) - lgamma(a) + (a - 1) * log(y) - rate * y;
  }
  const Big z = (log(y) - eta) / psi[0];  // lognormal
  return positive - log(y) - log(psi[0]) - log(Big(2 * pi)) / 2 - z * z / 2;
}

inline std::vector<Big> big(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// Rows of a case: these responses.
inline Rows rows_of(const FamilyCase& c, const std::vector<double>& y) {
  Rows rows;
  rows.y = Eigen::Map<const Vector>(y.data(), std::ssize(y));
  rows.frequency = rows.weight = Vector::Ones(rows.y.size());
  rows.X.resize(rows.y.size(), 0);
  if (c.name() == "binomial") rows.trials = Vector::Constant(rows.y.size(), c.trials);
  return rows;
}

inline Matrix psi_of(const FamilyCase& c) {
  return Eigen::Map<const Vector>(c.psi.data(), std::ssize(c.psi)).transpose();
}

/// Responses that the family can have, tails included.
inline std::vector<double> some_responses(const FamilyCase& c) {
  if (c.ordinal()) {
    std::vector<double> all;
    while (all.size() < c.categories()) all.push_back(static_cast<double>(all.size()) + 1);
    return all;
  }
  if (c.trial()) return c.trials == 1 ? std::vector<double>{0, 1} : std::vector<double>{0, 1, 4, 7};
  if (c.counts()) return {0, 1, 2, 5, 70, 300};
  if (c.is("student")) return {-40, -1.5, 0.3, 2, 1e4};
  if (c.is("beta")) return {1e-8, 0.03, 0.4, 0.9, 1 - 1e-8};
  if (c.name().starts_with("hurdle")) return {0, 1e-5, 0.7, 3, 400};
  return {1e-5, 0.2, 0.7, 3, 400};
}

}  // namespace tarn::test
