// Group statistics and the two ways to their factor.
#include "group_statistics.hpp"

#include <cmath>
#include <map>

namespace tarn::random_intercept {

GroupStatistics::GroupStatistics(const Design& design) {
  const GroupMoments& moments = design.group_moments(design.terms.front().grouping);
  const auto p = static_cast<Eigen::Index>(design.size());
  weight_ = moments.weight;
  xbar_ = moments.mean.topRows(p).transpose();
  ybar_ = moments.mean.row(p).transpose();
  within_ = moments.within;
  well_conditioned_ = reciprocal_condition(design.moments().factor) > safe_for_products;
  if (design.has_intercept) shift_ = weight_.dot(ybar_) / weight_.sum();

  // Within groups the intercept's column is zero, so a shift of the response changes nothing.
  within_products_ = within_.transpose() * within_;
  std::map<double, std::vector<Eigen::Index>> by_weight;
  for (Eigen::Index j = 0; j < size(); ++j) by_weight[weight_[j]].push_back(j);
  for (const auto& [n, members] : by_weight) {
    Matrix rows(static_cast<Eigen::Index>(members.size()), p + 1);
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      const Eigen::Index j = members[static_cast<std::size_t>(i)];
      rows.row(i) << xbar_.row(j), ybar_[j] - shift_;
    }
    rows *= std::sqrt(n);
    Bucket bucket{n, static_cast<double>(members.size()), rows.transpose() * rows, {}};
    if (!well_conditioned_) {
      TriangularFactor factor(p + 1);
      factor.add(rows);
      bucket.factor = factor.matrix();
    }
    buckets_.push_back(std::move(bucket));
  }
}

double GroupStatistics::squares_within(ConstVectorRef b) const {
  const Eigen::Index p = b.size();
  return (within_.leftCols(p) * b - within_.col(p)).squaredNorm();
}

Vector GroupStatistics::covariates_times_residuals(ConstVectorRef b, ConstVectorRef r) const {
  const Eigen::Index p = b.size();
  return within_.leftCols(p).transpose() * (within_.col(p) - within_.leftCols(p) * b) +
         xbar_.transpose() * weight_.cwiseProduct(residual(b) - r);
}

double GroupStatistics::log_determinant(double rho) const {
  double sum = 0;
  for (const Bucket& bucket : buckets_) sum += bucket.groups * std::log1p(bucket.n * rho);
  return sum;
}

double GroupStatistics::log_determinant_slope(double rho) const {
  double sum = 0;
  for (const Bucket& bucket : buckets_) sum += bucket.groups * bucket.n / (1 + bucket.n * rho);
  return sum;
}

double GroupStatistics::expected_decrease(double rho, const Coefficients::Integrated& b) const {
  const Eigen::Index p = b.mean.size();
  Vector at = Vector::Constant(p + 1, -1);  // (b', -1)', the response shifted
  at.head(p) = b.mean;
  if (shift_ != 0) at[0] -= shift_;

  double sum = 0;
  Matrix products = Matrix::Zero(p + 1, p + 1);
  for (const Bucket& bucket : buckets_) {
    const double precision = 1 + bucket.n * rho;
    const double weight = bucket.n / (precision * precision);
    if (well_conditioned_) {
      products += weight * bucket.products;
    } else {
      sum += weight * ((bucket.factor * at).squaredNorm() +
                       (bucket.factor.leftCols(p) * b.root).squaredNorm());
    }
  }
  return sum + at.dot(products * at) +
         (products.topLeftCorner(p, p) * b.root).cwiseProduct(b.root).sum();
}

const Matrix& GroupStatistics::factor(double rho) const {
  if (rho == last_rho_) return last_factor_;
  last_rho_ = rho;
  last_factor_ = well_conditioned_ ? factor_by_products(rho) : factor_by_reflections(rho);
  // Undo the shift: y = (y - shift) + shift * (the intercept's column).
  if (shift_ != 0) last_factor_.rightCols(1) += shift_ * last_factor_.col(0);
  return last_factor_;
}

Matrix GroupStatistics::factor_by_products(double rho) const {
  Matrix a = within_products_;
  for (const Bucket& bucket : buckets_) a += bucket.products / (1 + bucket.n * rho);

  // What is left of the response never falls below what is left of it within the groups.
  return factor_of_products(a, within_.bottomRightCorner(1, 1)(0, 0));
}

Matrix GroupStatistics::factor_by_reflections(double rho) const {
  TriangularFactor factor(within_);
  for (const Bucket& bucket : buckets_) {
    Matrix rows = bucket.factor / std::sqrt(1 + bucket.n * rho);
    factor.add(rows);
  }
  return factor.matrix();
}

Matrix GroupStatistics::factor_given(ConstVectorRef r, ConstMatrixRef total) const {
  const Eigen::Index p = xbar_.cols();
  Matrix factor = total;
  const Vector moved = xbar_.transpose() * weight_.cwiseProduct(r);  // X'(Z r)
  factor.col(p).head(p) -=
      total.topLeftCorner(p, p).transpose().triangularView<Eigen::Lower>().solve(moved);
  return factor;
}

}  // namespace tarn::random_intercept
