// Overdispersed counts: the kit (negbinomial/FAMILY.md), and blocks of rows.
#pragma once

#include <array>

#include <boost/math/special_functions/beta.hpp>

#include <tarn/family_of.hpp>

#include "lanes.hpp"
#include "quiet.hpp"

namespace tarn::negbinomial {

struct NegBinomial {
  static constexpr bool log_concave = true;  // in eta: -y softplus(-t) - f softplus(t)

  static FamilyTraits traits() { return {.links = {Link::log}, .response = ResponseKind::count}; }

  static std::vector<FamilyParameter> parameters(const Design& /*design*/) {
    return {family_parameter("shape", Support::positive, "variance mu + mu^2 / shape",
                             "inv_gamma(0.4, 0.3)", "1/sqrt(shape) about half-normal")};
  }

  template <class T>
  static T log_density(double y, const T& eta, Psi<T> psi, const RowParts& /*row*/) {
    const T& shape = psi[0];
    const T t = eta - log(shape);
    T l = -shape * softplus(t) - log_factorial(y);  // (2)
    if (y > 0) l += log_rising(shape, y) - y * softplus(-t);
    return l;
  }

  static constexpr ShiftForm::Form shift_form = ShiftForm::Form::logistic;
  static ShiftRow shift(double y, Psi<double> psi, const RowParts& /*row*/) {
    const double shape = psi[0];
    const double rising = y > 0 ? log_rising(shape, y) - y * std::log(shape) : 0;
    return {rising - log_factorial(y), y, 1 / shape, y + shape};
  }

  // What zero-inflated and hurdle families ask.

  /// log P(y = 0), and log P(y > 0).
  template <class T>
  static T log_zero(const T& eta, Psi<T> psi) {
    return -psi[0] * softplus(eta - log(psi[0]));
  }
  template <class T>
  static T log_positive(const T& eta, Psi<T> psi) {
    // As eta goes down the counts are Poisson's, before softplus(t) is 0 for a double.
    if (value_of(eta) - std::log(value_of(psi[0])) < -30) return log_cloglog(eta);
    return log1m_exp(-log_zero(eta, psi));
  }

  static double information(double y, double eta, Psi<double> psi) {
    const double t = eta - std::log(psi[0]);
    return (y + psi[0]) * logistic(t) * logistic(-t);
  }

  /// E(-d2/deta2) given y > 0, the variance of the score: -d2/deta2 itself can be below 0.
  static double information_of_positive(double eta, Psi<double> psi) {
    const double mean = std::exp(eta) / std::exp(log_positive(eta, psi));
    const double variance = mean * (1 + std::exp(eta) * (1 + 1 / psi[0]) - mean);
    const double other = logistic(std::log(psi[0]) - eta);
    return std::isfinite(variance) ? std::max(0.0, other * other * variance) : psi[0];
  }

  /// Given y > 0: clusters by a Poisson process, each with a logarithmic number of events.
  static double draw_positive(double eta, Psi<double> psi, Rng& rng) {
    const double clusters = -log_zero(eta, psi);
    if (clusters > 3) {  // 0 once in twenty times
      while (true) {
        const double y = draw_poisson(draw_gamma(psi[0], std::exp(eta), rng), rng);
        if (y != 0) return y;
      }
    }
    const double share = logistic(eta - std::log(psi[0]));
    double y = 0;
    for (double k = draw_positive_poisson(clusters, rng); k > 0; --k) {
      y += draw_logarithmic(share, rng);
    }
    return y;
  }

  static double mean(double eta, Psi<double> /*psi*/, const RowParts& /*row*/) {
    return std::exp(eta);
  }

  static double variance(double eta, Psi<double> psi, const RowParts& /*row*/) {
    const double mean = std::exp(eta);
    return mean + mean * mean / psi[0];
  }

  static double draw(double eta, Psi<double> psi, const RowParts& /*row*/, Rng& rng) {
    return draw_poisson(draw_gamma(psi[0], std::exp(eta), rng), rng);  // (1)
  }

  static double cdf(double y, double eta, Psi<double> psi, const RowParts& /*row*/) {
    if (y < 0) return 0;
    return boost::math::ibeta(psi[0], std::floor(y) + 1, logistic(std::log(psi[0]) - eta), Quiet());
  }
};

/// In lanes, with the sums of log_rising() for small counts made once for all rows.
class Counts final : public FamilyOf<NegBinomial> {
 public:
  using FamilyOf::FamilyOf;

  static FamilyTraits traits() {
    FamilyTraits traits = NegBinomial::traits();
    traits.takes.push_back(Takes::predictors);
    return traits;
  }

  void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                      VectorRef by_row) const override {
    if (psi.rows() > 1) return FamilyOf::log_likelihood(rows, eta, psi, by_row);
    const double shape = psi(0, 0);
    for_lanes(rows, eta, shape, [&](Eigen::Index first, const Lanes& y, const Lanes& t) {
      const Lanes rest = lanes::log1p((-t.abs()).exp());
      lanes::store(-(y * ((-t).max(0.0) + rest) + shape * (t.max(0.0) + rest)), first, by_row);
    });
    const Small rising(rows.y, [shape](double k) { return std::log(shape + k); });
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      const double y = rows.y[i];
      by_row[i] += (y < tabled ? rising[y] : log_rising(shape, y)) - log_factorial(y);
    }
  }

  void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef score,
                   VectorRef curvature) const override {
    if (psi.rows() > 1) return FamilyOf::derivatives(rows, eta, psi, score, curvature);
    const double shape = psi(0, 0);
    for_lanes(rows, eta, shape, [&](Eigen::Index first, const Lanes& y, const Lanes& t) {
      const Lanes e = (-t.abs()).exp();
      const Lanes likely = (1 + e).inverse();
      const Lanes unlikely = e * likely;
      const Lanes share = (t > 0).select(likely, unlikely);  // mu / (mu + shape)
      const Lanes other = (t > 0).select(unlikely, likely);
      lanes::store(y * other - shape * share, first, score);
      lanes::store((y + shape) * likely * unlikely, first, curvature);
    });
  }

  void psi_scores(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                  MatrixRef by_row) const override {
    if (psi.rows() > 1) return FamilyOf::psi_scores(rows, eta, psi, by_row);
    const double shape = psi(0, 0);
    for_lanes(rows, eta, shape, [&](Eigen::Index first, const Lanes& y, const Lanes& t) {
      const Lanes e = (-t.abs()).exp();
      const Lanes likely = (1 + e).inverse();
      const Lanes unlikely = e * likely;
      const Lanes score =
          y * (t > 0).select(unlikely, likely) - shape * (t > 0).select(likely, unlikely);
      lanes::store(-(score / shape + t.max(0.0) + lanes::log1p(e)), first, by_row.col(0));  // (4)
    });
    const Small rising(rows.y, [shape](double k) { return 1 / (shape + k); });
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      const double y = rows.y[i];
      by_row(i, 0) += y < tabled ? rising[y] : log_rising_slope(shape, y);
    }
  }

 private:
  using Lanes = lanes::Lanes;
  static constexpr double tabled = 64;

  /// f(0) + ... + f(y - 1) for the small counts among y.
  class Small {
   public:
    template <class F>
    Small(const Vector& y, const F& f) {
      const double most = y.size() > 0 ? std::min(y.maxCoeff(), tabled - 1) : 0;
      for (std::size_t k = 0; static_cast<double>(k) < most; ++k) {
        sums_[k + 1] = sums_[k] + f(static_cast<double>(k));
      }
    }
    double operator[](double y) const { return sums_[static_cast<std::size_t>(y)]; }

   private:
    std::array<double, static_cast<std::size_t>(tabled)> sums_{};
  };

  template <class F>
  static void for_lanes(const Rows& rows, ConstVectorRef eta, double shape, const F& f) {
    const double log_shape = std::log(shape);
    for (Eigen::Index first = 0; first < eta.size(); first += lanes::width) {
      f(first, lanes::load(rows.y, first), Lanes(lanes::load(eta, first) - log_shape));
    }
  }
};

}  // namespace tarn::negbinomial
