// Successes among trials: the kit (binomial/FAMILY.md), and blocks of rows for the logit link.
#pragma once

#include <boost/math/special_functions/beta.hpp>

#include <tarn/family_of.hpp>

#include "lanes.hpp"
#include "quiet.hpp"

namespace tarn::binomial {

struct Binomial {
  static constexpr bool log_concave = true;  // all three links: Pratt (1981)

  static FamilyTraits traits() {
    return {.links = {Link::logit, Link::probit, Link::cloglog},
            .takes = {Takes::weights, Takes::offset, Takes::trials},
            .response = ResponseKind::successes};
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> /*psi*/, const RowParts& row) {
    const double failures = row.trials - y;
    T l = log_choose(row.trials, y);  // (1)
    if (y > 0) l += y * log_success(eta, row.link);
    if (failures > 0) l += failures * log_failure(eta, row.link);
    return l;
  }

  static constexpr ShiftForm::Form shift_form = ShiftForm::Form::logistic;
  static bool shifts(Link link) { return link == Link::logit; }
  static ShiftRow shift(double y, Psi<double> /*psi*/, const RowParts& row) {
    return {.base = log_choose(row.trials, y), .slope = y, .number = row.trials};
  }

  static double mean(double eta, Psi<double> /*psi*/, const RowParts& row) {
    return row.trials * to_mean(row.link, eta);
  }

  static double variance(double eta, Psi<double> /*psi*/, const RowParts& row) {
    const double mean = to_mean(row.link, eta);
    return row.trials * mean * (1 - mean);
  }

  static double draw(double eta, Psi<double> /*psi*/, const RowParts& row, Rng& rng) {
    return draw_binomial(row.trials, to_mean(row.link, eta), rng);
  }

  static double cdf(double y, double eta, Psi<double> /*psi*/, const RowParts& row) {
    if (y < 0) return 0;
    if (y >= row.trials) return 1;
    return boost::math::ibetac(y + 1, row.trials - y, to_mean(row.link, eta), Quiet());
  }

 private:
  template <class T>
  static T log_success(const T& eta, Link link) {
    if (link == Link::probit) return normal_log_cdf(eta);
    if (link == Link::cloglog) return log_cloglog(eta);
    return -softplus(-eta);
  }

  template <class T>
  static T log_failure(const T& eta, Link link) {
    if (link == Link::probit) return normal_log_cdf(-eta);
    if (link == Link::cloglog) return -exp(eta);
    return -softplus(eta);
  }
};

/// With the logit link in lanes.
template <class Kit>
class Successes final : public FamilyOf<Kit> {
 public:
  using FamilyOf<Kit>::FamilyOf;

  static FamilyTraits traits() { return Kit::traits(); }

  void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                      VectorRef by_row) const override {
    if (this->link() != Link::logit) return FamilyOf<Kit>::log_likelihood(rows, eta, psi, by_row);
    for_lanes(rows, eta, [&](Eigen::Index first, const Lanes& y, const Lanes& m, const Lanes& at) {
      const Lanes rest = lanes::log1p((-at.abs()).exp());  // (2)
      lanes::store(-(y * (-at).max(0.0) + (m - y) * at.max(0.0) + m * rest), first, by_row);
    });
    for (Eigen::Index i = 0; i < rows.trials.size(); ++i) {
      by_row[i] += log_choose(rows.trials[i], rows.y[i]);
    }
  }

  void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef score,
                   VectorRef curvature) const override {
    if (this->link() != Link::logit) {
      return FamilyOf<Kit>::derivatives(rows, eta, psi, score, curvature);
    }
    for_lanes(rows, eta, [&](Eigen::Index first, const Lanes& y, const Lanes& m, const Lanes& at) {
      const Lanes e = (-at.abs()).exp();
      const Lanes likely = (1 + e).inverse();
      const Lanes unlikely = e * likely;
      const Lanes success = (at > 0).select(likely, unlikely);
      const Lanes failure = (at > 0).select(unlikely, likely);
      lanes::store(y * failure - (m - y) * success, first, score);
      lanes::store(m * likely * unlikely, first, curvature);
    });
  }

 private:
  using Lanes = lanes::Lanes;

  template <class F>
  static void for_lanes(const Rows& rows, ConstVectorRef eta, const F& f) {
    for (Eigen::Index first = 0; first < eta.size(); first += lanes::width) {
      const Lanes m =
          rows.trials.size() > 0 ? lanes::load(rows.trials, first) : Lanes(Lanes::Ones());
      f(first, lanes::load(rows.y, first), m, lanes::load(eta, first));
    }
  }
};

}  // namespace tarn::binomial
