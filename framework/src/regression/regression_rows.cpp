// What a regression says of rows: likelihoods, means, draws of the response.
#include <cstddef>

#include "regression/family_marginal.hpp"
#include "regression/regression.hpp"
#include "tarn/index.hpp"
#include "tarn/normal_rows.hpp"

namespace tarn::regression {

Matrix Regression::parameters_of(ConstVectorRef /*theta*/, const Rows& rows) const {
  Matrix psi;
  predictors_.of_rows(state_.psi, state_.predictors, rows, psi);
  return psi;
}

Vector Regression::sigma_of_levels(ConstVectorRef /*theta*/) const {
  return Vector::Constant(1, state_.sigma());
}

void Regression::log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) {
  read(theta, state_);
  Vector eta(rows.y.size());
  terms_.predict(state_, rows, eta);
  family_.log_likelihood(rows, eta, parameters_of(theta, rows), by_row);
  by_row.array() *= rows.frequency.array();
}

Vector Regression::without_effects(const Rows& rows, std::size_t grouping) const {
  Vector eta(rows.y.size());
  terms_.predict(state_, rows, eta);
  const Vector& r = state_.r[terms_.factor_of(grouping)];
  const auto& level = rows.level[grouping];
  for (std::size_t i = 0; i < rows.count(); ++i) eta[as_index(i)] -= r[level[i]];
  return eta;
}

void Regression::log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows,
                                          std::size_t grouping, VectorRef by_level) {
  read(theta, state_);
  if (family_marginal_) {
    return family_marginal_->by_level(rows, grouping, without_effects(rows, grouping), state_,
                                      by_level);
  }
  Vector eta(rows.y.size());
  terms_.predict(state_, rows, eta);
  const std::size_t f = terms_.factor_of(grouping);
  normal_log_likelihood_of_levels(
      design_, rows, eta, sigma_of_levels(theta),
      {grouping, state_.covariances[f].factor(), terms_.by_column(f, state_.r[f])}, by_level);
}

void Regression::log_likelihood_given_level(ConstVectorRef theta, const Rows& rows,
                                            std::size_t grouping, VectorRef by_row) {
  read(theta, state_);
  Vector found(rows.y.size());
  family_marginal_->by_row(rows, grouping, without_effects(rows, grouping), state_,
                           {.log_likelihood = &found});
  by_row = found;
}

void Regression::distribution_given_level(ConstVectorRef theta, const Rows& rows,
                                          std::size_t grouping, VectorRef below, VectorRef up_to) {
  read(theta, state_);
  Vector low(rows.y.size()), high(rows.y.size());
  family_marginal_->by_row(rows, grouping, without_effects(rows, grouping), state_,
                           {.below = &low, .up_to = &high});
  below = low;
  up_to = high;
}

void Regression::predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) {
  read(theta, state_);
  Vector eta(rows.y.size());
  terms_.predict(state_, rows, eta);
  family_.draw(rows, eta, parameters_of(theta, rows), y, rng);
}

void Regression::expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) {
  read(theta, state_);
  Vector eta(rows.y.size());
  terms_.predict(state_, rows, eta);
  family_.mean(rows, eta, parameters_of(theta, rows), mean);
}

void Regression::predict_linear(ConstVectorRef theta, const Rows& rows, VectorRef eta) {
  read(theta, state_);
  terms_.predict(state_, rows, eta);
}

void Regression::predict_linear_of_new(ConstVectorRef theta, const Rows& rows,
                                       std::span<const std::size_t> groupings, VectorRef mean,
                                       VectorRef variance) {
  read(theta, state_);
  variance.setZero();
  for (const std::size_t grouping : groupings) {
    if (grouping >= design_.groupings.size()) continue;  // of a parameter's predictor
    const std::size_t f = terms_.factor_of(grouping);
    state_.r[f].setZero();
    terms_.add_variance(f, state_, rows, variance);
  }
  terms_.predict(state_, rows, mean);
}

void Regression::mean_at(ConstVectorRef theta, const Rows& rows, ConstVectorRef eta,
                         VectorRef mean) {
  read(theta, state_);
  family_.mean(rows, eta, parameters_of(theta, rows), mean);
}

void Regression::variance_at(ConstVectorRef theta, const Rows& rows, ConstVectorRef eta,
                             VectorRef variance) {
  read(theta, state_);
  family_.variance(rows, eta, parameters_of(theta, rows), variance);
}

void Regression::distribution(ConstVectorRef theta, const Rows& rows, VectorRef below,
                              VectorRef up_to) {
  read(theta, state_);
  Vector eta(rows.y.size());
  terms_.predict(state_, rows, eta);
  distribution_of(family_, rows, eta, parameters_of(theta, rows), below, up_to);
}

void Regression::draw_group(std::size_t grouping, std::size_t level, VectorRef theta, Rng& rng) {
  const std::size_t of_mean = design_.groupings.size();
  if (grouping >= of_mean) {
    return predictors_.draw_level(grouping - of_mean, level, layout_, theta, rng);
  }
  terms_.draw_level(terms_.factor_of(grouping), level, layout_, theta, rng);
}

void Regression::center_group(std::size_t grouping, std::size_t level, VectorRef theta) {
  const std::size_t of_mean = design_.groupings.size();
  if (grouping >= of_mean) {
    return predictors_.center_level(grouping - of_mean, level, layout_, theta);
  }
  terms_.center_level(terms_.factor_of(grouping), level, layout_, theta);
}

}  // namespace tarn::regression
