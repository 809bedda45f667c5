// What a regression says of rows: likelihoods, means, draws of the response.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "regression/family_marginal.hpp"
#include "regression/regression.hpp"
#include "tarn/index.hpp"
#include "tarn/normal_rows.hpp"

namespace tarn::regression {

Matrix Regression::parameters_of(ConstVectorRef /*theta*/, const Rows& /*rows*/) const {
  return state_.psi.transpose();
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

void Regression::log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows,
                                          std::size_t grouping, VectorRef by_level) {
  read(theta, state_);
  Vector eta(rows.y.size());
  terms_.predict(state_, rows, eta);
  const std::size_t f = terms_.factor_of(grouping);
  if (family_marginal_) {
    for (std::size_t i = 0; i < rows.count(); ++i) {  // all but the effects that are left out
      const auto at = static_cast<Eigen::Index>(i);
      eta[at] -= state_.r[f][rows.level[grouping][i]];
    }
    return family_marginal_->by_level(rows, grouping, eta, state_, by_level);
  }
  normal_log_likelihood_of_levels(
      design_, rows, eta, sigma_of_levels(theta),
      {grouping, state_.covariances[f].factor(), terms_.by_column(f, state_.r[f])}, by_level);
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
  const Matrix psi = parameters_of(theta, rows);
  tarn::query<DistributionFunction>(family_)->cumulative(rows, eta, psi, up_to);
  below = up_to;
  if (!family_.has_atoms()) return;
  Vector log_mass(rows.y.size());
  family_.log_likelihood(rows, eta, psi, log_mass);
  for (Eigen::Index i = 0; i < below.size(); ++i) {
    // Of a hurdle's numbers only 0 has a probability.
    if (!family_.probability_mass() && rows.y[i] != 0) continue;
    below[i] = std::max(0.0, up_to[i] - std::exp(log_mass[i]));
  }
}

void Regression::draw_group(std::size_t grouping, std::size_t level, VectorRef theta, Rng& rng) {
  terms_.draw_level(terms_.factor_of(grouping), level, layout_, theta, rng);
}

void Regression::center_group(std::size_t grouping, std::size_t level, VectorRef theta) {
  terms_.center_level(terms_.factor_of(grouping), level, layout_, theta);
}

}  // namespace tarn::regression
