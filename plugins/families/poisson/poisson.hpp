// Counts: the kit (poisson/FAMILY.md), and blocks of rows.
#pragma once

#include <boost/math/special_functions/gamma.hpp>

#include <tarn/family_of.hpp>

#include "lanes.hpp"
#include "quiet.hpp"

namespace tarn::poisson {

struct Poisson {
  static constexpr bool log_concave = true;  // y eta less an exponential

  static FamilyTraits traits() { return {.links = {Link::log}, .response = ResponseKind::count}; }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> /*psi*/, const RowParts& /*row*/) {
    return chain_of(eta, poisson_log_mass(y, value_of(eta)), y);  // (1)
  }

  static constexpr ShiftForm::Form shift_form = ShiftForm::Form::exponential;
  static ShiftRow shift(double y, Psi<double> /*psi*/, const RowParts& /*row*/) {
    return {.base = -log_factorial(y), .slope = y};
  }

  // What zero-inflated and hurdle families ask.

  /// log P(y = 0), and log P(y > 0).
  template <class T>
  static T log_zero(const T& eta, Psi<T> /*psi*/) {
    return -exp(eta);
  }
  template <class T>
  static T log_positive(const T& eta, Psi<T> /*psi*/) {
    return log_cloglog(eta);
  }

  static double information(double /*y*/, double eta, Psi<double> /*psi*/) { return std::exp(eta); }

  /// -d2/deta2 given y > 0.
  static double information_of_positive(double eta, Psi<double> /*psi*/) {
    const Dual<2> l = log_cloglog(Dual<2>::variable(eta));
    return std::max(0.0, std::exp(eta) + l.d[1]);
  }

  /// Given y > 0: the first event of a Poisson process before `mean`, and those after it.
  static double draw_positive(double eta, Psi<double> /*psi*/, Rng& rng) {
    return draw_positive_poisson(std::exp(eta), rng);
  }

  static double mean(double eta, Psi<double> /*psi*/, const RowParts& /*row*/) {
    return std::exp(eta);
  }

  static double variance(double eta, Psi<double> /*psi*/, const RowParts& /*row*/) {
    return std::exp(eta);
  }

  static double draw(double eta, Psi<double> /*psi*/, const RowParts& /*row*/, Rng& rng) {
    return draw_poisson(std::exp(eta), rng);
  }

  static double cdf(double y, double eta, Psi<double> /*psi*/, const RowParts& /*row*/) {
    const double mean = std::exp(eta);
    if (y < 0) return 0;
    if (mean == 0 || std::isinf(mean)) return mean == 0 ? 1 : 0;
    return boost::math::gamma_q(std::floor(y) + 1, mean, Quiet());
  }

 private:
  static double chain_of(double /*eta*/, double l, double /*y*/) { return l; }
  template <int Order>
  static Dual<Order> chain_of(const Dual<Order>& eta, double l, double y) {
    const double mean = std::exp(eta.value);
    return chain(
        eta, l, [&] { return y - mean; }, [&] { return -mean; });  // (2)
  }
};

/// In lanes.
class Counts final : public FamilyOf<Poisson> {
 public:
  using FamilyOf::FamilyOf;

  static FamilyTraits traits() { return Poisson::traits(); }

  void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef /*psi*/,
                      VectorRef by_row) const override {
    for (Eigen::Index first = 0; first < eta.size(); first += lanes::width) {
      const lanes::Lanes at = lanes::load(eta, first);
      lanes::store(lanes::load(rows.y, first) * at - at.exp(), first, by_row);
    }
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      const double y = rows.y[i];
      if (y < small) {
        by_row[i] -= log_factorial(y);
      } else {
        by_row[i] = poisson_log_mass(y, eta[i]);
      }
    }
  }

  void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef /*psi*/, VectorRef score,
                   VectorRef curvature) const override {
    for (Eigen::Index first = 0; first < eta.size(); first += lanes::width) {
      const lanes::Lanes mean = lanes::load(eta, first).exp();
      lanes::store(lanes::load(rows.y, first) - mean, first, score);
      lanes::store(mean, first, curvature);
    }
  }

 private:
  static constexpr double small = 256;  // counts whose log factorial is in a table
};

}  // namespace tarn::poisson
