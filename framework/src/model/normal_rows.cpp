// Single rows of a Gaussian model.
#include "tarn/normal_rows.hpp"

#include <cmath>

#include "tarn/distributions.hpp"

namespace tarn {
namespace {

double row_sd(const Rows& rows, Eigen::Index i, double sigma) {
  return sigma * std::sqrt(rows.frequency[i] / rows.weight[i]);
}

}  // namespace

void normal_log_likelihood(const Rows& rows, ConstVectorRef mean, double sigma, VectorRef by_row) {
  for (Eigen::Index i = 0; i < by_row.size(); ++i) {
    by_row[i] = rows.frequency[i] * normal_log_density(rows.y[i], mean[i], row_sd(rows, i, sigma));
  }
}

void normal_predict(const Rows& rows, ConstVectorRef mean, double sigma, VectorRef y, Rng& rng) {
  for (Eigen::Index i = 0; i < y.size(); ++i) {
    y[i] = mean[i] + row_sd(rows, i, sigma) * rng.normal();
  }
}

}  // namespace tarn
