// Sums over the rows of levels where a shift of the predictor multiplies e^eta.
#include "regression/shift_likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "regression/kernel/kernel.hpp"

namespace tarn::regression {
namespace {

/// Products of numbers below this stay finite until they are looked at.
constexpr double greatest = 1e100;

}  // namespace

ShiftLikelihood::ShiftLikelihood(const Family& family, const ShiftForm& form)
    : GeneralLikelihood(family),
      terms_(form),
      logistic_(form.form() == ShiftForm::Form::logistic),
      sign_(form.form() == ShiftForm::Form::reciprocal ? -1 : 1) {}

void ShiftLikelihood::begin(const RowBlock& block, const Vector& eta, const Matrix& psi) {
  GeneralLikelihood::begin(block, eta, psi);
  now_ = &terms_.of(block, psi_);
  eta_of_terms_ = &terms_.repeated(eta, repeated_);
  scaled_.resize(eta_of_terms_->size());
  shift_kernel::fastest().scale(static_cast<std::size_t>(scaled_.size()), now_->scale.data(),
                                eta_of_terms_->data(), sign_, scaled_.data());
  most_ = scaled_.size() > 0 ? scaled_.maxCoeff() : 0;
  general_ = !(most_ < greatest);
  if (!general_) sum_levels();
}

ShiftLikelihood::Range ShiftLikelihood::terms_of(std::size_t j) const {
  const Eigen::Index first = block_->first[j];
  return {terms_.each() * first, terms_.each() * (block_->first[j + 1] - first)};
}

void ShiftLikelihood::sum_levels() {
  const auto groups = static_cast<Eigen::Index>(block_->groups());
  for (Vector* sums : {&constant_, &slope_, &sum_, &fitted_}) sums->resize(groups);
  for (Eigen::Index j = 0; j < groups; ++j) {
    const auto [first, count] = terms_of(static_cast<std::size_t>(j));
    constant_[j] = now_->base_sum[j] +
                   now_->slope.segment(first, count).dot(eta_of_terms_->segment(first, count));
    slope_[j] = now_->slope_sum[j];
    if (logistic_) {
      sum_[j] = now_->number_sum[j];
      fitted_[j] =
          shift_kernel::fastest()
              .logistic(static_cast<std::size_t>(count), &scaled_[first], &now_->number[first], 1)
              .fitted;
    } else {
      sum_[j] = scaled_.segment(first, count).sum();
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
    const auto [first, count] = terms_of(at);
    const auto [fitted, of_fitted] = shift_kernel::fastest().logistic(
        static_cast<std::size_t>(count), &scaled_[first], &now_->number[first], c);
    score[j] = slope_[j] - fitted;
    curvature[j] = of_fitted;
  }
}

bool ShiftLikelihood::exponentiate(const Matrix& u) {
  const Eigen::Index K = u.rows();
  if (general_ || !(most_ * std::exp((sign_ * u).maxCoeff()) < greatest)) return false;
  constexpr auto width = static_cast<Eigen::Index>(shift_kernel::width);
  factors_.setZero((K + width - 1) / width * width, u.cols());
  factors_.topRows(K) = (sign_ * u).array().exp();
  return true;
}

void ShiftLikelihood::sum_logs(std::size_t j, Eigen::Index nodes, Eigen::ArrayXd& logs) {
  const auto c = factors_.col(static_cast<Eigen::Index>(j));
  const auto [first, count] = terms_of(j);
  if (now_->whole[j]) {  // log(1 + a) + log(1 + b) + ... = log((1 + a)(1 + b) ...)
    product_.resize(c.size());
    exponent_.resize(c.size());
    shift_kernel::fastest().products(static_cast<std::size_t>(count), &scaled_[first],
                                     &now_->number[first], static_cast<std::size_t>(c.size()),
                                     c.data(), product_.data(), exponent_.data());
    logs = product_.head(nodes).array().log() + std::numbers::ln2 * exponent_.head(nodes).array();
    return;
  }
  logs.setZero(nodes);
  for (Eigen::Index i = first; i < first + count; ++i) {
    logs += now_->number[i] * (1 + scaled_[i] * c.head(nodes).array()).log();
  }
}

void ShiftLikelihood::values(const Matrix& u, const Wanted& wanted, Matrix& l) {
  if (!exponentiate(u)) return GeneralLikelihood::values(u, wanted, l);
  Eigen::ArrayXd logs;
  for (Eigen::Index j = 0; j < u.cols(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    if (!wanted[at]) continue;
    l.col(j) = constant_[j] + slope_[j] * u.col(j).array();
    if (logistic_) {
      sum_logs(at, u.rows(), logs);
      l.col(j).array() -= logs;
    } else {
      l.col(j) -= sum_[j] * factors_.col(j).head(u.rows());
    }
  }
}

void ShiftLikelihood::mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) {
  if (!exponentiate(u)) return GeneralLikelihood::mean_scores(u, share, by_row);
  by_term_.resize(scaled_.size());
  Vector weight = Vector::Zero(factors_.rows());
  for (Eigen::Index j = 0; j < u.cols(); ++j) {
    const auto [first, count] = terms_of(static_cast<std::size_t>(j));
    weight.head(u.rows()) = share.col(j);
    if (logistic_) {
      shift_kernel::fastest().fitted(static_cast<std::size_t>(count), &scaled_[first],
                                     &now_->number[first], static_cast<std::size_t>(weight.size()),
                                     factors_.col(j).data(), weight.data(), &by_term_[first]);
    } else {
      by_term_.segment(first, count) =
          sign_ * weight.dot(factors_.col(j)) * scaled_.segment(first, count);
    }
  }
  by_term_ = now_->slope - by_term_;
  terms_.add_up(by_term_);
  by_row = by_term_;
}

}  // namespace tarn::regression
