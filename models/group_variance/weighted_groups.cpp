// Weighted groups, and the two ways to their factor.
#include "weighted_groups.hpp"

#include <cmath>

#include <tarn/factor.hpp>

namespace tarn::group_variance {
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

/// Effects as a q x J matrix.
Eigen::Map<const Matrix> by_column(ConstVectorRef r, Eigen::Index q) {
  return {r.data(), q, r.size() / q};
}

}  // namespace

WeightedGroups::WeightedGroups(const GroupTriangles& groups)
    : groups_(groups), precision_(groups.size()), weight_(groups.size()) {
  const Eigen::Index padded = blocks(groups.size()) * width;
  R_.assign(static_cast<std::size_t>(padded * groups.R.rows()), 0);
  T_.assign(static_cast<std::size_t>(padded * groups.T.rows()), 0);
  E_.assign(static_cast<std::size_t>(padded * groups.columns), 0);
  scratch_.resize(
      group_kernel::scratch_size(static_cast<int>(groups.columns), static_cast<int>(d())));
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
  return {static_cast<std::size_t>(groups_.size()),
          static_cast<std::size_t>(blocks(groups_.size())),
          static_cast<int>(groups_.columns),
          static_cast<int>(d()),
          R_.data(),
          T_.data()};
}

Matrix WeightedGroups::marginal(const Matrix& L) {
  lambda_ = L;
  if (!groups_.well_conditioned) {
    RowMatrix rows(groups_.size() * groups_.columns, d());
    kernel_.rows(lanes(), lambda_.data(), rows.data(), scratch_.data());
    return by_reflections(rows);
  }
  unreached_.noalias() = groups_.products * weight_;
  reached_.setZero(unreached_.size());
  kernel_.products(lanes(), lambda_.data(), reached_.data(), scratch_.data());
  products_.resize(d(), d());
  for (Eigen::Index a = 0, at = 0; a < d(); ++a) {
    for (Eigen::Index b = 0; b <= a; ++b, ++at) {
      products_(a, b) = products_(b, a) =
          reached_[at] + unreached_[GroupTriangles::upper(d(), b, a)];
    }
  }
  // What is left of the response never falls below what each group's own covariates leave.
  const double least = groups_.S.row(groups_.S.rows() - 1).cwiseAbs2().dot(weight_);
  Matrix factor = factor_of_products(products_, std::sqrt(least));
  factor.col(d() - 1) += factor.leftCols(d() - 1) * groups_.shift;
  return factor;
}

Matrix WeightedGroups::given(ConstVectorRef r) {
  const Eigen::Index q = groups_.columns;
  const RowMatrix& left = residual(groups_.shift, r);  // T holds the response less X shift
  RowMatrix rows(groups_.size() * q, d());
  for (Eigen::Index i = 0; i < q; ++i) {
    auto block = rows.middleRows(i * groups_.size(), groups_.size());
    block = groups_.T.middleRows(i * d(), d()).transpose();
    block.col(d() - 1) = left.row(i).transpose();
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

void WeightedGroups::draw(const Matrix& L, ConstVectorRef b, VectorRef r) {
  lambda_ = L;
  moved_ = b - groups_.shift;
  kernel_.draw(lanes(), lambda_.data(), 1, moved_.data(), r.data(), scratch_.data());
}

const RowMatrix& WeightedGroups::residual(ConstVectorRef b) {
  const Eigen::Index p = groups_.coefficients();
  residual_.resize(groups_.columns, groups_.size());
  for (Eigen::Index i = 0; i < groups_.columns; ++i) {
    auto e = residual_.row(i);
    e = groups_.T.row(i * d() + p);
    for (Eigen::Index a = 0; a < p; ++a) {
      e -= (b[a] - groups_.shift[a]) * groups_.T.row(i * d() + a);
    }
  }
  return residual_;
}

const RowMatrix& WeightedGroups::residual(ConstVectorRef b, ConstVectorRef r) {
  const Eigen::Index q = groups_.columns;
  const auto effects = by_column(r, q);
  residual(b);
  for (Eigen::Index i = 0; i < q; ++i) {
    for (Eigen::Index k = i; k < q; ++k) {
      residual_.row(i) -=
          groups_.R.row(GroupTriangles::upper(q, i, k)).cwiseProduct(effects.row(k));
    }
  }
  return residual_;
}

const RowMatrix& WeightedGroups::rest(ConstVectorRef b) {
  const Eigen::Index p = groups_.coefficients();
  rest_.resize(d(), groups_.size());
  for (Eigen::Index i = 0; i < d(); ++i) {
    auto e = rest_.row(i);
    e = groups_.S.row(GroupTriangles::upper(d(), i, p));
    for (Eigen::Index a = i; a < p; ++a) {
      e -= (b[a] - groups_.shift[a]) * groups_.S.row(GroupTriangles::upper(d(), i, a));
    }
  }
  return rest_;
}

const Vector& WeightedGroups::squares(ConstVectorRef b, ConstVectorRef r) {
  residual(b, r);
  rest(b);
  squares_.setZero(groups_.size());
  for (const RowMatrix* e : {&residual_, &rest_}) {
    for (Eigen::Index i = 0; i < e->rows(); ++i) squares_ += e->row(i).cwiseAbs2().transpose();
  }
  return squares_;
}

Vector WeightedGroups::score_of_b(const RowMatrix& residual, const RowMatrix& rest) const {
  Vector score = Vector::Zero(groups_.coefficients());
  for (Eigen::Index a = 0; a < score.size(); ++a) {
    for (Eigen::Index i = 0; i < residual.rows(); ++i) {
      const auto T = groups_.T.row(i * d() + a);
      score[a] += T.cwiseProduct(residual.row(i)).dot(weight_.transpose());
    }
    for (Eigen::Index i = 0; i <= a; ++i) {
      const auto S = groups_.S.row(GroupTriangles::upper(d(), i, a));
      score[a] += S.cwiseProduct(rest.row(i)).dot(weight_.transpose());
    }
  }
  return score;
}

Vector WeightedGroups::score_of_r(const RowMatrix& residual) const {
  const Eigen::Index q = groups_.columns;
  Matrix score = Matrix::Zero(q, groups_.size());
  for (Eigen::Index k = 0; k < q; ++k) {
    for (Eigen::Index i = 0; i <= k; ++i) {
      score.row(k) += groups_.R.row(GroupTriangles::upper(q, i, k)).cwiseProduct(residual.row(i));
    }
  }
  score.array().rowwise() *= weight_.transpose().array();
  return score.reshaped();
}

void WeightedGroups::look_at(ConstVectorRef b) {
  residual(b);
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
