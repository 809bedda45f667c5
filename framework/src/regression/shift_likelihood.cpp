// Sums over the rows of levels where a shift of the predictor multiplies e^eta.
#include "regression/shift_likelihood.hpp"

#include <algorithm>
#include <cmath>

namespace tarn::regression {
namespace {

/// Products of numbers below this stay finite until they are looked at.
constexpr double greatest = 1e100;

bool is_small_whole(double number) {
  constexpr double few = 8;  // as many factors cost what a logarithm does
  return number <= few && number == std::floor(number);
}

}  // namespace

ShiftLikelihood::ShiftLikelihood(const Family& family, const ShiftForm& form)
    : GeneralLikelihood(family),
      form_(form),
      logistic_(form.form() == ShiftForm::Form::logistic),
      sign_(form.form() == ShiftForm::Form::reciprocal ? -1 : 1) {}

const ShiftLikelihood::Terms& ShiftLikelihood::terms(const RowBlock& block, const Vector& psi) {
  if (kept_.size() <= block.number) kept_.resize(block.number + 1);
  Terms& terms = kept_[block.number];
  if (terms.known && terms.psi == psi) return terms;
  const Eigen::Index n = block.rows.y.size();
  for (Vector* part : {&terms.base, &terms.slope, &terms.scale, &terms.number}) part->resize(n);
  form_.shift_terms(block.rows, psi_, terms.base, terms.slope, terms.scale, terms.number);
  for (Vector* part : {&terms.base, &terms.slope}) {
    part->array() *= block.rows.frequency.array();
  }
  // Exponentials add up, logarithms do not.
  (logistic_ ? terms.number : terms.scale).array() *= block.rows.frequency.array();
  terms.psi = psi;
  terms.known = true;
  return terms;
}

void ShiftLikelihood::begin(const RowBlock& block, const Vector& eta, const Vector& psi) {
  GeneralLikelihood::begin(block, eta, psi);
  now_ = &terms(block, psi);
  scaled_ = now_->scale.array() * (sign_ * eta).array().exp();
  most_ = scaled_.size() > 0 ? scaled_.maxCoeff() : 0;
  general_ = !(most_ < greatest);
  if (!general_) sum_levels();
}

void ShiftLikelihood::sum_levels() {
  const auto groups = static_cast<Eigen::Index>(block_->groups());
  for (Vector* sums : {&constant_, &slope_, &sum_, &fitted_}) sums->resize(groups);
  for (Eigen::Index j = 0; j < groups; ++j) {
    const Eigen::Index first = block_->first[static_cast<std::size_t>(j)];
    const Eigen::Index count = block_->first[static_cast<std::size_t>(j) + 1] - first;
    const auto slope = now_->slope.segment(first, count);
    const auto scaled = scaled_.segment(first, count).array();
    constant_[j] = now_->base.segment(first, count).sum() + slope.dot(eta_->segment(first, count));
    slope_[j] = slope.sum();
    if (logistic_) {
      const auto number = now_->number.segment(first, count).array();
      sum_[j] = number.sum();
      fitted_[j] = (number * scaled / (1 + scaled)).sum();
    } else {
      sum_[j] = scaled.sum();
    }
  }
}

void ShiftLikelihood::guess(double sd, Vector& u) const {
  if (general_) return GeneralLikelihood::guess(sd, u);
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    double free = 0;  // the mode under a flat prior, with half a success and a failure more
    double curvature = 0;
    if (logistic_) {
      const double observed = (slope_[j] + 0.5) / (sum_[j] + 1);
      const double expected = (fitted_[j] + 0.5) / (sum_[j] + 1);
      free = std::log(observed / (1 - observed)) - std::log(expected / (1 - expected));
      curvature = (sum_[j] + 1) * observed * (1 - observed);
    } else {
      const double count = std::abs(slope_[j]) + 0.5;
      free = sign_ * std::log(count / (sum_[j] + 0.5));
      curvature = count;
    }
    u[j] = free * curvature / (curvature + 1 / (sd * sd));
  }
}

void ShiftLikelihood::derivatives(const Vector& u, const Wanted& wanted, Vector& score,
                                  Vector& curvature) {
  if (general_) return GeneralLikelihood::derivatives(u, wanted, score, curvature);
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    if (!wanted[at]) continue;
    const double c = std::exp(sign_ * u[j]);
    if (!logistic_) {
      curvature[j] = sum_[j] * c;
      score[j] = slope_[j] - sign_ * curvature[j];
      continue;
    }
    const Eigen::Index first = block_->first[at];
    const Eigen::Index count = block_->first[at + 1] - first;
    auto p = by_row_.segment(first, count).array();
    p = scaled_.segment(first, count).array() * c;
    p /= 1 + p;
    auto each = shifted_.segment(first, count).array();
    each = now_->number.segment(first, count).array() * p;
    score[j] = slope_[j] - each.sum();
    curvature[j] = (each * (1 - p)).sum();
  }
}

void ShiftLikelihood::sum_logs(Eigen::Index first, Eigen::Index end, const Eigen::ArrayXd& c,
                               Eigen::ArrayXd& sum) const {
  // log(1 + a) + log(1 + b) + ... = log((1 + a)(1 + b) ...): few logarithms.
  constexpr Eigen::Index most = 64;
  const Eigen::Index K = c.size();
  alignas(32) double at[most];
  alignas(32) double product[most];
  std::copy_n(c.data(), K, at);
  std::fill_n(product, K, 1.0);
  sum.setZero();
  const Eigen::Map<const Eigen::ArrayXd> products(product, K);
  for (Eigen::Index i = first; i < end; ++i) {
    const double scaled = scaled_[i];
    const double number = now_->number[i];
    if (!is_small_whole(number)) {
      sum += number * (1 + scaled * c).log();
      continue;
    }
    for (int times = static_cast<int>(number); times > 0; --times) {
      for (Eigen::Index k = 0; k < K; ++k) product[k] *= 1 + scaled * at[k];
      if (product[K - 1] < greatest) continue;
      sum += products.log();
      std::fill_n(product, K, 1.0);
    }
  }
  sum += products.log();
}

void ShiftLikelihood::values(const Matrix& u, const Wanted& wanted, Matrix& l) {
  if (general_ || !(most_ * std::exp((sign_ * u).maxCoeff()) < greatest)) {
    return GeneralLikelihood::values(u, wanted, l);
  }
  Eigen::ArrayXd c(u.rows()), logs(u.rows());
  for (Eigen::Index j = 0; j < u.cols(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    if (!wanted[at]) continue;
    c = (sign_ * u.col(j)).array().exp();
    l.col(j) = constant_[j] + slope_[j] * u.col(j).array();
    if (logistic_) {
      sum_logs(block_->first[at], block_->first[at + 1], c, logs);
      l.col(j).array() -= logs;
    } else {
      l.col(j).array() -= sum_[j] * c;
    }
  }
}

void ShiftLikelihood::mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) {
  if (general_ || !(most_ * std::exp((sign_ * u).maxCoeff()) < greatest)) {
    return GeneralLikelihood::mean_scores(u, share, by_row);
  }
  by_row = now_->slope;
  Eigen::ArrayXd c(u.rows());
  for (Eigen::Index j = 0; j < u.cols(); ++j) {
    const Eigen::Index first = block_->first[static_cast<std::size_t>(j)];
    const Eigen::Index end = block_->first[static_cast<std::size_t>(j) + 1];
    c = (sign_ * u.col(j)).array().exp();
    const double mean = (share.col(j).array() * c).sum();
    for (Eigen::Index i = first; i < end; ++i) {
      const double fitted =
          logistic_ ? now_->number[i] *
                          (share.col(j).array() * (scaled_[i] * c) / (1 + scaled_[i] * c)).sum()
                    : sign_ * scaled_[i] * mean;
      by_row[i] -= fitted;
    }
  }
}

}  // namespace tarn::regression
