// Weighted groups, and the two ways to their factor.
#include "weighted_groups.hpp"

#include <cmath>

#include <tarn/factor.hpp>
#include <tarn/normal_pieces.hpp>

namespace tarn::group_variance {

using regression::Values;

namespace {

constexpr Eigen::Index width = group_kernel::width;

Eigen::Index blocks(Eigen::Index groups) { return (groups + width - 1) / width; }

/// Rows over the groups, each group times its factor, as blocks of lanes.
void lay_out(const RowMatrix& rows, const Vector& factor, std::vector<double>& lanes) {
  double* to = lanes.data();
  for (Eigen::Index first = 0; first < rows.cols(); first += width) {
    const Eigen::Index here = std::min(width, rows.cols() - first);
    for (Eigen::Index e = 0; e < rows.rows(); ++e, to += width) {
      const double* from = rows.row(e).data() + first;
      for (Eigen::Index l = 0; l < here; ++l) to[l] = from[l] * factor[first + l];
    }
  }
}

}  // namespace

WeightedGroups::WeightedGroups(const Design& design)
    : groups_(design.derived<GroupTriangles>()),
      precision_(groups_.size()),
      weight_(groups_.size()) {
  const Eigen::Index padded = blocks(groups_.size()) * width;
  R_.assign(as_size(padded * groups_.R.rows()), 0);
  T_.assign(as_size(padded * groups_.T.rows()), 0);
  E_.assign(as_size(padded * groups_.columns), 0);
  scratch_.resize(
      group_kernel::scratch_size(static_cast<int>(groups_.columns), static_cast<int>(d())));
}

void WeightedGroups::weigh(ConstVectorRef sigma) {
  precision_ = sigma.cwiseInverse();
  weight_ = precision_.cwiseAbs2();
  laid_out_ = false;
}

group_kernel::Groups WeightedGroups::lanes() {
  if (!laid_out_) {
    lay_out(groups_.R, precision_, R_);
    lay_out(groups_.T, precision_, T_);
    laid_out_ = true;
  }
  return {as_size(groups_.size()),
          as_size(blocks(groups_.size())),
          static_cast<int>(groups_.columns),
          static_cast<int>(d()),
          R_.data(),
          T_.data()};
}

const WeightedGroups::Marginal& WeightedGroups::marginal(const std::vector<Matrix>& lambda) {
  lambda_ = lambda[0];
  reached_.setZero(groups_.S.rows());
  marginal_.log_determinant =
      kernel_.products(lanes(), lambda_.data(), reached_.data(), scratch_.data());
  if (!groups_.well_conditioned) {
    RowMatrix rows(groups_.size() * groups_.columns, d());
    kernel_.rows(lanes(), lambda_.data(), rows.data(), scratch_.data());
    marginal_.factor = by_reflections(rows);
    return marginal_;
  }
  unreached_.noalias() = groups_.products * weight_;
  products_.resize(d(), d());
  for (Eigen::Index a = 0, at = 0; a < d(); ++a) {
    for (Eigen::Index b = 0; b <= a; ++b, ++at) {
      products_(a, b) = products_(b, a) =
          reached_[at] + unreached_[GroupTriangles::upper(d(), b, a)];
    }
  }
  // What is left of the response never falls below what each group's own covariates leave.
  const double least = groups_.S.row(groups_.S.rows() - 1).cwiseAbs2().dot(weight_);
  marginal_.factor = factor_of_products(products_, std::sqrt(least));
  marginal_.factor.col(d() - 1) += marginal_.factor.leftCols(d() - 1) * groups_.shift;
  return marginal_;
}

Matrix WeightedGroups::given(const Values& at) {
  const Eigen::Index q = groups_.columns;
  form_residual(groups_.shift);  // T holds the response less X shift
  subtract_effects(at.r[0]);
  RowMatrix rows(groups_.size() * q, d());
  for (Eigen::Index i = 0; i < q; ++i) {
    auto block = rows.middleRows(i * groups_.size(), groups_.size());
    block = groups_.T.middleRows(i * d(), d()).transpose();
    block.col(d() - 1) = residual_.row(i).transpose();
    block.array().colwise() *= precision_.array();
  }
  return by_reflections(rows);
}

/// The factor of these rows and those that no effect reaches, weighted, of the response itself.
Matrix WeightedGroups::by_reflections(const RowMatrix& rows) const {
  TriangularFactor factor(d());
  Matrix block = rows;
  factor.add(block);
  for (Eigen::Index i = 0; i < d(); ++i) {
    block.setZero(groups_.size(), d());
    for (Eigen::Index a = i; a < d(); ++a) {
      block.col(a) = groups_.S.row(GroupTriangles::upper(d(), i, a)).transpose();
    }
    block.array().colwise() *= precision_.array();
    factor.add(block);
  }
  Matrix whole = factor.matrix();
  whole.col(d() - 1) += whole.leftCols(d() - 1) * groups_.shift;
  return whole;
}

void WeightedGroups::draw_effects(const std::vector<Matrix>& lambda, double sigma, Values& now,
                                  Rng& rng) {
  fill_normal_by_pieces(now.r[0], groups_.columns, rng);
  lambda_ = lambda[0];
  moved_ = now.b - groups_.shift;
  kernel_.draw(lanes(), lambda_.data(), sigma, moved_.data(), now.r[0].data(), scratch_.data());
}

void WeightedGroups::form_residual(ConstVectorRef b) {
  const Eigen::Index p = groups_.coefficients();
  residual_.resize(groups_.columns, groups_.size());
  for (Eigen::Index i = 0; i < groups_.columns; ++i) {
    auto e = residual_.row(i);
    e = groups_.T.row(i * d() + p);
    for (Eigen::Index a = 0; a < p; ++a) {
      e -= (b[a] - groups_.shift[a]) * groups_.T.row(i * d() + a);
    }
  }
}

void WeightedGroups::subtract_effects(const Vector& r) {
  const Eigen::Index q = groups_.columns;
  const Eigen::Map<const Matrix> effects(r.data(), q, groups_.size());
  for (Eigen::Index i = 0; i < q; ++i) {
    for (Eigen::Index k = i; k < q; ++k) {
      residual_.row(i) -=
          groups_.R.row(GroupTriangles::upper(q, i, k)).cwiseProduct(effects.row(k));
    }
  }
}

void WeightedGroups::form_rest(ConstVectorRef b) {
  const Eigen::Index p = groups_.coefficients();
  rest_.resize(d(), groups_.size());
  for (Eigen::Index i = 0; i < d(); ++i) {
    auto e = rest_.row(i);
    e = groups_.S.row(GroupTriangles::upper(d(), i, p));
    for (Eigen::Index a = i; a < p; ++a) {
      e -= (b[a] - groups_.shift[a]) * groups_.S.row(GroupTriangles::upper(d(), i, a));
    }
  }
}

const Vector& WeightedGroups::squares_of_groups(const Values& at) {
  form_residual(at.b);
  subtract_effects(at.r[0]);
  form_rest(at.b);
  squares_.setZero(groups_.size());
  for (const RowMatrix* e : {&residual_, &rest_}) {
    for (Eigen::Index i = 0; i < e->rows(); ++i) squares_ += e->row(i).cwiseAbs2().transpose();
  }
  return squares_;
}

Vector WeightedGroups::squares_beyond_effects(ConstVectorRef b) {
  form_rest(b);
  return rest_.cwiseAbs2().colwise().sum().transpose();
}

double WeightedGroups::squares(const Values& at) { return squares_of_groups(at).dot(weight_); }

double WeightedGroups::scores(const Values& at, Values& slope) {
  const double sum = squares(at);
  for (Eigen::Index a = 0; a < groups_.coefficients(); ++a) {
    double& score = slope.b[a];
    score = 0;
    for (Eigen::Index i = 0; i < residual_.rows(); ++i) {
      const auto T = groups_.T.row(i * d() + a);
      score += T.cwiseProduct(residual_.row(i)).dot(weight_.transpose());
    }
    for (Eigen::Index i = 0; i <= a; ++i) {
      const auto S = groups_.S.row(GroupTriangles::upper(d(), i, a));
      score += S.cwiseProduct(rest_.row(i)).dot(weight_.transpose());
    }
  }
  const Eigen::Index q = groups_.columns;
  Eigen::Map<Matrix> of_r(slope.r[0].data(), q, groups_.size());
  of_r.setZero();
  for (Eigen::Index k = 0; k < q; ++k) {
    for (Eigen::Index i = 0; i <= k; ++i) {
      of_r.row(k) += groups_.R.row(GroupTriangles::upper(q, i, k)).cwiseProduct(residual_.row(i));
    }
  }
  of_r.array().rowwise() *= weight_.transpose().array();
  return sum;
}

void WeightedGroups::look_at(ConstVectorRef b) {
  form_residual(b);
  if (groups_.columns == 1) {
    information_ = groups_.R.row(0).cwiseAbs2().transpose().cwiseProduct(weight_);
    deviation_ = residual_.row(0).cwiseAbs2().transpose().cwiseProduct(weight_);
  } else {
    lay_out(residual_, precision_, E_);
  }
}

/// MODEL.md (3): of each group -(log |K_j| + ||C_j^-1 e_j||^2) / 2.
double WeightedGroups::at(const Matrix& L) {
  if (groups_.columns == 1) return at(L(0, 0));
  group_kernel::Groups with_residuals = lanes();
  with_residuals.m = 1;
  with_residuals.T = E_.data();
  lambda_ = L;
  double squares = 0;
  const double log_determinant =
      kernel_.products(with_residuals, lambda_.data(), &squares, scratch_.data());
  return -0.5 * (log_determinant + squares);
}

/// The same for a single column.
double WeightedGroups::at(double sd) const {
  const double variance = sd * sd;
  double squares = 0;
  double determinant = 1;
  double log_determinant = 0;
  for (Eigen::Index j = 0; j < information_.size(); ++j) {
    const double K = 1 + information_[j] * variance;
    squares += deviation_[j] / K;
    determinant *= K;
    if (determinant < 1e50) continue;  // emptied into the logarithm long before it overflows
    log_determinant += std::log(determinant);
    determinant = 1;
  }
  return -0.5 * (log_determinant + std::log(determinant) + squares);
}

}  // namespace tarn::group_variance
