// Levels, and rows given the others of their level, with the level's effects integrated out.
#include "regression/family_marginal.hpp"
#include "regression/regression.hpp"
#include "tarn/normal_rows.hpp"

namespace tarn::regression {

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

}  // namespace tarn::regression
