// Counts with more zeros than the counts' own distribution has.
#pragma once

#include <tarn/family_of.hpp>

namespace tarn {

/// With probability zi the count is 0, else it is one of Base: (1) of the pages.
template <class Base>
struct ZeroInflated {
  static FamilyTraits traits() { return Base::traits(); }

  static std::vector<FamilyParameter> parameters(const Design& design) {
    std::vector<FamilyParameter> all = FamilyOf<Base>(Link::log, "").parameters(design);
    all.push_back(family_parameter("zi", Support::unit_interval,
                                   "probability of a zero beyond those of counts", "beta(1, 1)",
                                   "uniform"));
    return all;
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& row) {
    const T& zi = psi.back();
    const Psi<T> own = psi.first(psi.size() - 1);
    if (y > 0) return log1p(-zi) + Base::log_density(y, eta, own, row);
    return log_sum_exp(T(log(zi)), T(log1p(-zi) + Base::log_zero(eta, own)));  // (2)
  }

  /// At 0 that of the counts, times the probability that the zero is one of theirs: (4).
  static double curvature(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    const double zi = psi.back();
    const Psi<double> own = psi.first(psi.size() - 1);
    const double information = Base::information(y, eta, own);
    if (y > 0) return information;
    const double share = logistic(std::log1p(-zi) + Base::log_zero(eta, own) - std::log(zi));
    return share == 0 ? 0 : share * information;
  }

  static double mean(double eta, Psi<double> psi, const RowParts& row) {
    return (1 - psi.back()) * Base::mean(eta, psi.first(psi.size() - 1), row);
  }

  static double variance(double eta, Psi<double> psi, const RowParts& row) {
    const Psi<double> own = psi.first(psi.size() - 1);
    const double mean = Base::mean(eta, own, row);
    return (1 - psi.back()) * (Base::variance(eta, own, row) + psi.back() * mean * mean);
  }

  static double draw(double eta, Psi<double> psi, const RowParts& row, Rng& rng) {
    if (rng.uniform() < psi.back()) return 0;
    return Base::draw(eta, psi.first(psi.size() - 1), row, rng);
  }

  static double cdf(double y, double eta, Psi<double> psi, const RowParts& row) {
    if (y < 0) return 0;
    const double zi = psi.back();
    return zi + (1 - zi) * Base::cdf(y, eta, psi.first(psi.size() - 1), row);
  }
};

}  // namespace tarn
