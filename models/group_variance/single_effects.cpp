// Gaussian algebra of MODEL.md (2), (3), (6) for scalars R_j, by normal equations.
#include "single_effects.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <Eigen/Cholesky>
#include <tarn/normal_pieces.hpp>

namespace tarn::group_variance {

SingleEffects::SingleEffects(const GroupTriangles& groups, const Coefficients& coefficients,
                             const ParameterPrior& sd, ConstVectorRef sigma)
    : groups_(groups),
      sd_prior_(sd),
      R_(groups.R.row(0).transpose()),
      precision_(p(), p()),
      half_(p()) {
  for (Vector* v : {&more_shape_, &more_scale_, &shape_, &scale_, &next_}) v->resize(groups.size());
  const Eigen::Index d = p() + 1;
  Matrix P = coefficients.posterior(Matrix::Zero(d, d), 1, groups.shift).matrix();
  P.col(p()) -= P.leftCols(p()) * groups.shift;  // b less the shift
  prior_ = P.transpose() * P;
  weigh(sigma);
  find_bell();
}

void SingleEffects::weigh(ConstVectorRef sigma) {
  weight_ = sigma.array().square().inverse();
  information_ = R_.array().square() * weight_.array();
  within_.noalias() = groups_.products * weight_;
}

/// log p(y, sd | sigma) in x = log sd up to a constant, its Jacobian included. Leaves the factor of
/// the precision of b, and half_, at this sd.
double SingleEffects::log_density(double x) {
  const double sd = std::exp(x);
  const double variance = sd * sd;
  double determinant = 1;
  double log_determinant = 0;
  reached_.resize(weight_.size());
  for (Eigen::Index j = 0; j < weight_.size(); ++j) {
    const double K = 1 + information_[j] * variance;
    reached_[j] = weight_[j] / K;
    determinant *= K;
    if (determinant < 1e50) continue;  // emptied into the logarithm long before it overflows
    log_determinant += std::log(determinant);
    determinant = 1;
  }
  sums_.noalias() = within_ + groups_.reached * reached_;

  const Eigen::Index d = p() + 1;
  for (Eigen::Index a = 0; a < p(); ++a) {
    for (Eigen::Index b = a; b < p(); ++b) {
      precision_(b, a) = prior_(b, a) + sums_[GroupTriangles::upper(d, a, b)];
    }
    half_[a] = prior_(a, p()) + sums_[GroupTriangles::upper(d, a, p())];
  }
  Eigen::LLT<Eigen::Ref<Matrix>> in_place(precision_);
  if (in_place.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
  precision_.triangularView<Eigen::Lower>().solveInPlace(half_);
  log_determinant += 2 * precision_.diagonal().array().log().sum();
  const double squares = sums_[sums_.size() - 1] - half_.squaredNorm();
  return sd_prior_.log_density(sd) + x - 0.5 * (log_determinant + std::log(determinant) + squares);
}

/// The mode by golden sections, then how far from it the density falls by a factor of e.
void SingleEffects::find_bell() {
  constexpr double golden = 0.6180339887498949;
  const double rough = -0.5 * std::log(information_.mean());  // where an effect is as large as its
  double left = rough - 15;                                   // error
  double right = rough + 15;
  double a = right - golden * (right - left);
  double b = left + golden * (right - left);
  double at_a = log_density(a);
  double at_b = log_density(b);
  while (right - left > 1e-3) {
    if (at_a > at_b) {
      right = b;
      b = a;
      at_b = at_a;
      a = right - golden * (right - left);
      at_a = log_density(a);
    } else {
      left = a;
      a = b;
      at_a = at_b;
      b = left + golden * (right - left);
      at_b = log_density(b);
    }
  }
  const double mode = (left + right) / 2;
  const double level = log_density(mode) - 1;
  const auto reach = [&](double direction) {
    double near = 0;
    double far = 0.01;
    while (far < 10 && log_density(mode + direction * far) > level)
      near = std::exchange(far, 2 * far);
    for (int i = 0; i < 4; ++i) {
      const double middle = (near + far) / 2;
      (log_density(mode + direction * middle) > level ? near : far) = middle;
    }
    return (near + far) / 2;
  };
  const double below = reach(-1);
  const double above = reach(1);
  // A normal density falls by e at sqrt(2) of its standard deviations.
  bell_ = {mode + (above - below) / 2, 1.2 * (above + below) / std::sqrt(8)};
}

void SingleEffects::draw_means(ConstVectorRef sigma, VectorRef b, double& sd, Rng& rng) {
  weigh(sigma);
  const double x = slice(
      std::log(sd), bell_, [&](double at) { return log_density(at); }, rng);
  log_density(x);
  sd = std::exp(x);
  fill_normal(b, rng);
  b += half_;
  precision_.triangularView<Eigen::Lower>().transpose().solveInPlace(b);

  e_ = groups_.T.row(p()).transpose();
  for (Eigen::Index a = 0; a < p(); ++a) e_ -= b[a] * groups_.T.row(a).transpose();
  squares_.setZero(e_.size());
  const Eigen::Index d = p() + 1;
  for (Eigen::Index i = 0; i < d; ++i) {
    rest_ = groups_.S.row(GroupTriangles::upper(d, i, p())).transpose();
    for (Eigen::Index a = i; a < p(); ++a) {
      rest_ -= b[a] * groups_.S.row(GroupTriangles::upper(d, i, a)).transpose();
    }
    squares_ += rest_.cwiseAbs2();
  }
  b += groups_.shift;
}

/// MODEL.md (8): the inverse gamma that is nearest to each variance's density.
void SingleEffects::propose(double shape, double scale) {
  for (Eigen::Index j = 0; j < c_.size(); ++j) {
    const double A = shape + (groups_.weight[j] - 1) / 2;
    const double B = scale + squares_[j] / 2;
    const double v = B / std::max(A, 0.1);
    const double inverse = 1 / (v + c_[j]);
    const double own = v * inverse;
    const double E = e_[j] * e_[j] * inverse;
    const double slope = 0.5 * own * (E - 1);
    const double curvature = 0.5 * own * (E * (1 - 2 * own) - (1 - own));
    more_scale_[j] = std::max(-curvature * v, -B / 2);
    more_shape_[j] = std::max(-curvature - slope, 0.1 - A);
    shape_[j] = A + more_shape_[j];
    scale_[j] = B + more_scale_[j];
  }
}

void SingleEffects::draw_sigma(double shape, double scale, double sd, VectorRef sigma, Rng& rng) {
  c_ = R_.cwiseAbs2() * (sd * sd);
  propose(shape, scale);
  for (Eigen::Index j = 0; j < c_.size(); ++j) next_[j] = rng.inv_gamma(shape_[j], scale_[j]);
  now_ = sigma.cwiseAbs2();
  const auto c = c_.array();
  precision_now_ = now_.cwiseInverse();
  all_now_ = (now_.array() + c).inverse();
  all_next_ = (next_.array() + c).inverse();
  log_ratio_ = more_shape_.array() * (next_.array() * precision_now_.array()).log() +
               more_scale_.array() * (next_.array().inverse() - precision_now_.array()) +
               0.5 * (((now_.array() + c) * all_next_.array()).log() +
                      e_.array().square() * (all_now_.array() - all_next_.array()));
  for (Eigen::Index j = 0; j < c_.size(); ++j) {
    if (log_ratio_[j] >= 0 || rng.uniform() < std::exp(log_ratio_[j])) {
      sigma[j] = std::sqrt(next_[j]);
    }
  }
}

void SingleEffects::draw_effects(ConstVectorRef sigma, double sd, VectorRef r, Rng& rng) {
  const double variance = sd * sd;
  fill_normal_by_pieces(r, 1, rng);
  for (Eigen::Index j = 0; j < r.size(); ++j) {
    const double weight = 1 / (sigma[j] * sigma[j]);
    const double K = 1 + R_[j] * R_[j] * weight * variance;
    r[j] = variance * R_[j] * weight * e_[j] / K + sd * r[j] / std::sqrt(K);
  }
}

}  // namespace tarn::group_variance
