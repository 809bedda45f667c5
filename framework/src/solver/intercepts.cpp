// Group statistics and the two ways to their factor.
#include "solver/intercepts.hpp"

#include <cmath>
#include <map>

#include "tarn/factor.hpp"
#include "tarn/normal_pieces.hpp"

namespace tarn::solver {

using regression::Values;

Intercepts::Intercepts(const Design& design) : moments_(design.moments()) {
  const GroupMoments& moments = design.group_moments(design.terms.front().grouping);
  const auto p = as_index(design.size());
  weight_ = moments.weight;
  xbar_ = moments.mean.topRows(p).transpose();
  ybar_ = moments.mean.row(p).transpose();
  within_ = moments.within;
  well_conditioned_ = reciprocal_condition(moments_.factor) > safe_for_products;
  if (design.has_intercept) shift_ = weight_.dot(ybar_) / weight_.sum();

  // Within groups the intercept's column is zero, so a shift of the response changes nothing.
  within_products_ = within_.transpose() * within_;
  std::map<double, std::vector<Eigen::Index>> by_weight;
  for (Eigen::Index j = 0; j < size(); ++j) by_weight[weight_[j]].push_back(j);
  for (const auto& [n, members] : by_weight) {
    Matrix rows(as_index(members.size()), p + 1);
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      const Eigen::Index j = members[as_size(i)];
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

double Intercepts::squares(const Values& at) {
  const Eigen::Index p = at.b.size();
  const Vector between = residual(at.b) - at.r[0];
  return (within_.leftCols(p) * at.b - within_.col(p)).squaredNorm() +
         weight_.dot(between.cwiseAbs2());
}

double Intercepts::scores(const Values& at, Values& slope) {
  const Eigen::Index p = at.b.size();
  const Vector within = within_.col(p) - within_.leftCols(p) * at.b;
  const Vector between = residual(at.b) - at.r[0];
  slope.r[0] = weight_.cwiseProduct(between);
  slope.b = within_.leftCols(p).transpose() * within + xbar_.transpose() * slope.r[0];
  return within.squaredNorm() + slope.r[0].dot(between);
}

Matrix Intercepts::given(const Values& at) {
  const Eigen::Index p = at.b.size();
  Matrix factor = moments_.factor;
  const Vector moved = xbar_.transpose() * weight_.cwiseProduct(at.r[0]);  // X'(Z r)
  factor.col(p).head(p) -=
      factor.topLeftCorner(p, p).transpose().triangularView<Eigen::Lower>().solve(moved);
  return factor;
}

double Intercepts::log_determinant(double rho) const {
  double sum = 0;
  for (const Bucket& bucket : buckets_) sum += bucket.groups * std::log1p(bucket.n * rho);
  return sum;
}

double Intercepts::log_determinant_slope(double rho) const {
  double sum = 0;
  for (const Bucket& bucket : buckets_) sum += bucket.groups * bucket.n / (1 + bucket.n * rho);
  return sum;
}

double Intercepts::decrease(double rho, Matrix B) const {
  if (shift_ != 0) B.row(0) += shift_ * B.bottomRows(1);  // the response shifted
  double sum = 0;
  Matrix products = Matrix::Zero(B.rows(), B.rows());
  for (const Bucket& bucket : buckets_) {
    const double precision = 1 + bucket.n * rho;
    const double weight = bucket.n / (precision * precision);
    if (well_conditioned_) {
      products += weight * bucket.products;
    } else {
      sum += weight * (bucket.factor * B).squaredNorm();
    }
  }
  return sum + (products * B).cwiseProduct(B).sum();
}

std::vector<Matrix> Intercepts::derivative(const std::vector<Matrix>& lambda, const Matrix& B) {
  const double rho = lambda[0](0, 0) * lambda[0](0, 0);
  return {Matrix::Constant(1, 1, 0.5 * (decrease(rho, B) - log_determinant_slope(rho)))};
}

const Matrix& Intercepts::factor(double rho) const {
  if (rho == last_rho_) return last_factor_;
  last_rho_ = rho;
  last_factor_ = well_conditioned_ ? factor_by_products(rho) : factor_by_reflections(rho);
  // Undo the shift: y = (y - shift) + shift * (the intercept's column).
  if (shift_ != 0) last_factor_.rightCols(1) += shift_ * last_factor_.col(0);
  return last_factor_;
}

Matrix Intercepts::factor_by_products(double rho) const {
  Matrix a = within_products_;
  for (const Bucket& bucket : buckets_) a += bucket.products / (1 + bucket.n * rho);

  // What is left of the response never falls below what is left of it within the groups.
  return factor_of_products(a, within_.bottomRightCorner(1, 1)(0, 0));
}

Matrix Intercepts::factor_by_reflections(double rho) const {
  TriangularFactor factor(within_);
  for (const Bucket& bucket : buckets_) {
    Matrix rows = bucket.factor / std::sqrt(1 + bucket.n * rho);
    factor.add(rows);
  }
  return factor.matrix();
}

const Intercepts::Marginal& Intercepts::marginal(const std::vector<Matrix>& lambda) {
  const double rho = lambda[0](0, 0) * lambda[0](0, 0);
  marginal_ = {factor(rho), log_determinant(rho)};
  return marginal_;
}

void Intercepts::draw_effects(const std::vector<Matrix>& lambda, double sigma, Values& now,
                              Rng& rng) {
  const double l = lambda[0](0, 0);
  draw_effects(l * l, l * sigma, now.b, now.r[0], rng);
}

void Intercepts::draw_effects(double rho, double sd, const Vector& b, Vector& r, Rng& rng) const {
  fill_normal_by_pieces(r, 1, rng);
  const auto precision = 1 + rho * weight_.array();
  r = rho * weight_.array() / precision * residual(b).array() + sd * r.array() / precision.sqrt();
}

Intercepts::Parabola Intercepts::parabola(const Values& at, std::size_t /*f*/,
                                          const Matrix& ratios) {
  const Eigen::Map<const Vector> x(ratios.data(), ratios.size());
  const Vector weighted = weight_.cwiseProduct(x);
  return {Matrix::Constant(1, 1, weighted.dot(x)),
          Vector::Constant(1, weighted.dot(residual(at.b)))};
}

}  // namespace tarn::solver
