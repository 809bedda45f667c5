// Weighted groups, and the two ways to their factor.
#include "weighted_groups.hpp"

#include <cmath>

#include <tarn/factor.hpp>

using namespace tarn;

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
  const RowMatrix lambda = L;
  if (!groups_.well_conditioned) {
    RowMatrix rows(groups_.size() * groups_.columns, d());
    kernel_.rows(lanes(), lambda.data(), rows.data(), scratch_.data());
    return by_reflections(rows);
  }
  const Vector rest = groups_.products * weight_;
  Vector reached = Vector::Zero(rest.size());
  kernel_.products(lanes(), lambda.data(), reached.data(), scratch_.data());
  Matrix products(d(), d());
  for (Eigen::Index a = 0, at = 0; a < d(); ++a) {
    for (Eigen::Index b = 0; b <= a; ++b, ++at) {
      products(a, b) = products(b, a) = reached[at] + rest[GroupTriangles::upper(d(), b, a)];
    }
  }
  // What is left of the response never falls below what each group's own covariates leave.
  const double least = groups_.S.row(groups_.S.rows() - 1).cwiseAbs2().dot(weight_);
  Matrix factor = factor_of_products(products, std::sqrt(least));
  factor.col(d() - 1) += factor.leftCols(d() - 1) * groups_.shift;
  return factor;
}

Matrix WeightedGroups::given(ConstVectorRef r) const {
  const Eigen::Index q = groups_.columns;
  const RowMatrix left = residual(groups_.shift, r);  // T holds the response less X shift
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
  const RowMatrix lambda = L;
  const Vector moved = b - groups_.shift;
  kernel_.draw(lanes(), lambda.data(), 1, moved.data(), r.data(), scratch_.data());
}

RowMatrix WeightedGroups::residual(ConstVectorRef b) const {
  const Eigen::Index p = groups_.coefficients();
  RowMatrix e(groups_.columns, groups_.size());
  for (Eigen::Index i = 0; i < e.rows(); ++i) {
    e.row(i) = groups_.T.row(i * d() + p);
    for (Eigen::Index a = 0; a < p; ++a) {
      e.row(i) -= (b[a] - groups_.shift[a]) * groups_.T.row(i * d() + a);
    }
  }
  return e;
}

RowMatrix WeightedGroups::residual(ConstVectorRef b, ConstVectorRef r) const {
  const Eigen::Index q = groups_.columns;
  const auto effects = by_column(r, q);
  RowMatrix e = residual(b);
  for (Eigen::Index i = 0; i < q; ++i) {
    for (Eigen::Index k = i; k < q; ++k) {
      e.row(i) -= groups_.R.row(GroupTriangles::upper(q, i, k)).cwiseProduct(effects.row(k));
    }
  }
  return e;
}

RowMatrix WeightedGroups::rest(ConstVectorRef b) const {
  const Eigen::Index p = groups_.coefficients();
  RowMatrix e(d(), groups_.size());
  for (Eigen::Index i = 0; i < d(); ++i) {
    e.row(i) = groups_.S.row(GroupTriangles::upper(d(), i, p));
    for (Eigen::Index a = i; a < p; ++a) {
      e.row(i) -= (b[a] - groups_.shift[a]) * groups_.S.row(GroupTriangles::upper(d(), i, a));
    }
  }
  return e;
}

Vector WeightedGroups::squares(ConstVectorRef b, ConstVectorRef r) const {
  return (residual(b, r).cwiseAbs2().colwise().sum() + rest(b).cwiseAbs2().colwise().sum())
      .transpose();
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

WeightedGroups::Parabola WeightedGroups::parabola(ConstVectorRef b, ConstVectorRef ratios) const {
  const Eigen::Index q = groups_.columns;
  const auto x = by_column(ratios, q);
  const RowMatrix e = residual(b);
  Parabola parabola{Matrix::Zero(q, q), Vector::Zero(q)};
  RowMatrix scaled(q, groups_.size());  // row i of R_j diag(x_j)
  for (Eigen::Index i = 0; i < q; ++i) {
    scaled.setZero();
    for (Eigen::Index k = i; k < q; ++k) {
      scaled.row(k) = groups_.R.row(GroupTriangles::upper(q, i, k)).cwiseProduct(x.row(k));
    }
    const RowMatrix weighted = scaled * weight_.asDiagonal();
    parabola.quadratic += weighted * scaled.transpose();
    parabola.linear += weighted * e.row(i).transpose();
  }
  return parabola;
}
