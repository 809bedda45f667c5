// Moments by blocks of rows, and rows that stand for them.
#include "answers/predictor_moments.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>

namespace tarn::launcher {
namespace {

/// Rows u_k of a square root of a matrix of moments.
Matrix square_root_rows(const Matrix& moments) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(moments);
  const Vector scale = solver.eigenvalues().cwiseMax(0).cwiseSqrt();
  return scale.asDiagonal() * solver.eigenvectors().transpose();
}

Matrix columns_on(const Rows& rows, const std::vector<std::size_t>& terms) {
  Eigen::Index width = 0;
  for (const std::size_t t : terms) width += rows.Z[t].cols();
  Matrix Z(rows.y.size(), width);
  Eigen::Index at = 0;
  for (const std::size_t t : terms) {
    Z.middleCols(at, rows.Z[t].cols()) = rows.Z[t];
    at += rows.Z[t].cols();
  }
  return Z;
}

}  // namespace

PredictorMoments::PredictorMoments(const Design& design)
    : design_(design), zz_(design.groupings.size()) {
  design.rows->read(0, 1, like_);
}

void PredictorMoments::add(const Rows& rows) {
  if (rows_ == 0) {
    shift_ = rows.X.colwise().mean();
    x_ = Vector::Zero(rows.X.cols());
    xx_ = Matrix::Zero(rows.X.cols(), rows.X.cols());
  }
  const Matrix X = rows.X.rowwise() - shift_.transpose();
  x_ += X.colwise().sum().transpose();
  xx_.noalias() += X.transpose() * X;
  if (rows.offset.size() > 0) offset_ += rows.offset.sum();
  for (std::size_t g = 0; g < zz_.size(); ++g) {
    const Matrix Z = columns_on(rows, design_.terms_on(g));
    if (rows_ == 0) zz_[g] = Matrix::Zero(Z.cols(), Z.cols());
    zz_[g].noalias() += Z.transpose() * Z;
  }
  rows_ += static_cast<double>(rows.y.size());
}

/// Rows of zeros, of the shape of the design's.
Rows PredictorMoments::blank(Eigen::Index count) const {
  Rows rows;
  rows.X = Matrix::Zero(count, like_.X.cols());
  rows.y = Vector::Constant(count, std::nan(""));
  rows.frequency = rows.weight = Vector::Ones(count);
  if (like_.trials.size() > 0) rows.trials = Vector::Ones(count);
  for (const Matrix& Z : like_.Z) rows.Z.push_back(Matrix::Zero(count, Z.cols()));
  rows.level.assign(like_.level.size(), std::vector<std::int32_t>(as_size(count), 0));
  for (const PredictorRows& further : like_.predictors) {
    PredictorRows none;
    none.X = Matrix::Zero(count, further.X.cols());
    for (const Matrix& Z : further.Z) none.Z.push_back(Matrix::Zero(count, Z.cols()));
    none.level.assign(further.level.size(), std::vector<std::int32_t>(as_size(count), 0));
    rows.predictors.push_back(std::move(none));
  }
  return rows;
}

Vector PredictorMoments::fixed_variance(LinearDraws& draws) const {
  const Matrix covariance = (xx_ - x_ * x_.transpose() / rows_) / (rows_ - 1);
  Rows rows = blank(covariance.rows());
  rows.X = square_root_rows(covariance);
  return draws.population(rows).rowwise().squaredNorm();
}

Vector PredictorMoments::predictor_mean(LinearDraws& draws) const {
  Rows rows = blank(1);
  rows.X.row(0) = (shift_ + x_ / rows_).transpose();
  return draws.population(rows).col(0).array() + offset_ / rows_;
}

Vector PredictorMoments::group_variance(LinearDraws& draws, std::size_t grouping) const {
  const Matrix root = square_root_rows(zz_[grouping] / rows_);
  Rows rows = blank(root.rows());
  Eigen::Index at = 0;
  for (const std::size_t t : design_.terms_on(grouping)) {
    rows.Z[t] = root.middleCols(at, rows.Z[t].cols());
    at += rows.Z[t].cols();
  }
  return draws.group_variance(rows, grouping).rowwise().sum();
}

}  // namespace tarn::launcher
