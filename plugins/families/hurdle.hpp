// Zeros by one process, everything above by another.
#pragma once

#include <tarn/family_of.hpp>

namespace tarn {

inline std::vector<FamilyParameter> with_hurdle(std::vector<FamilyParameter> all) {
  all.push_back(
      family_parameter("hu", Support::unit_interval, "probability of 0", "beta(1, 1)", "uniform"));
  return all;
}

/// 0 with probability hu, else a count of Base given that it is not 0: (1) of the pages.
template <class Base>
struct HurdleCounts {
  static FamilyTraits traits() { return Base::traits(); }

  static std::vector<FamilyParameter> parameters(const Design& design) {
    return with_hurdle(FamilyOf<Base>(Link::log, "").parameters(design));
  }

  static ColumnScale predictor_scale(const Design& design) {
    return linked_scale(design, Link::log, true);
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& row) {
    const T& hu = psi.back();
    const Psi<T> own = psi.first(psi.size() - 1);
    if (y == 0) return log(hu);
    return log1p(-hu) + Base::log_density(y, eta, own, row) - Base::log_positive(eta, own);  // (2)
  }

  static double curvature(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    return y == 0 ? 0 : Base::information_of_positive(eta, psi.first(psi.size() - 1));
  }

  static double mean(double eta, Psi<double> psi, const RowParts& row) {
    const Psi<double> own = psi.first(psi.size() - 1);
    const double positive = std::exp(Base::log_positive(eta, own));
    // As the counts' mean goes to 0, those above 0 become ones.
    return (1 - psi.back()) * (positive == 0 ? 1 : Base::mean(eta, own, row) / positive);
  }

  static double variance(double eta, Psi<double> psi, const RowParts& row) {
    const Psi<double> own = psi.first(psi.size() - 1);
    const double positive = std::exp(Base::log_positive(eta, own));
    if (positive == 0) return psi.back() * (1 - psi.back());
    const double of_count = Base::mean(eta, own, row), above = of_count / positive;
    const double squares = (Base::variance(eta, own, row) + of_count * of_count) / positive;
    return (1 - psi.back()) * (squares - (1 - psi.back()) * above * above);
  }

  static double draw(double eta, Psi<double> psi, const RowParts& /*row*/, Rng& rng) {
    if (rng.uniform() < psi.back()) return 0;
    return Base::draw_positive(eta, psi.first(psi.size() - 1), rng);
  }

  static double cdf(double y, double eta, Psi<double> psi, const RowParts& row) {
    const double hu = psi.back();
    if (y < 1) return y < 0 ? 0 : hu;
    const Psi<double> own = psi.first(psi.size() - 1);
    const double zero = std::exp(Base::log_zero(eta, own));
    const double below = Base::cdf(y, eta, own, row);
    const double positive = std::exp(Base::log_positive(eta, own));
    return hu + (1 - hu) * std::min(1.0, positive == 0 ? 1 : (below - zero) / positive);
  }
};

/// 0 with probability hu, else a number above 0 of Base.
template <class Base>
struct HurdleNumbers {
  static constexpr bool has_atoms = true;
  static constexpr std::string_view predicts = [] {
    if constexpr (requires { Base::predicts; }) {
      return Base::predicts;
    } else {
      return std::string_view("y");
    }
  }();

  static FamilyTraits traits() {
    FamilyTraits traits = Base::traits();
    traits.response = ResponseKind::nonnegative;
    return traits;
  }

  static std::vector<FamilyParameter> parameters(const Design& design) {
    return with_hurdle(Base::parameters(design));
  }

  static ColumnScale predictor_scale(const Design& design) {
    if constexpr (requires { Base::predictor_scale(design); }) {
      return Base::predictor_scale(design);
    } else {
      return linked_scale(design, Base::traits().links.front(), true);
    }
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& row) {
    if (y == 0) return log(psi.back());
    return log1p(-psi.back()) + Base::log_density(y, eta, psi.first(psi.size() - 1), row);
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
    if (y <= 0) return y < 0 ? 0 : psi.back();
    return psi.back() + (1 - psi.back()) * Base::cdf(y, eta, psi.first(psi.size() - 1), row);
  }
};

}  // namespace tarn
