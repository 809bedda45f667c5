// The metric, and its estimates.
#include "metric.hpp"

#include <Eigen/Cholesky>
#include <cmath>

#include <tarn/distributions.hpp>

namespace nuts {

using namespace tarn;

namespace {

/// Correlations are shrunk as if by so many uncorrelated draws more.
constexpr double shrinkage = 5;

/// With fewer, estimated correlations are mostly noise, and worse than none.
constexpr double draws_per_coordinate = 2;

}  // namespace

Metric::Metric(Eigen::Index size, bool dense) : variance_(Vector::Ones(dense ? 0 : size)) {
  if (!dense) return;
  covariance_ = Matrix::Identity(size, size);
  root_ = covariance_;
}

Vector Metric::momentum(Rng& rng) const {
  Vector p(dense() ? root_.rows() : variance_.size());
  fill_normal(p, rng);
  if (dense()) {
    root_.transpose().triangularView<Eigen::Upper>().solveInPlace(p);
  } else {
    p.array() /= variance_.array().sqrt();
  }
  return p;
}

Vector Metric::velocity(ConstVectorRef p) const {
  if (dense()) return covariance_ * p;
  return variance_.cwiseProduct(p);
}

void Metric::set_diagonal(ConstVectorRef variance) {
  for (Eigen::Index i = 0; i < variance.size(); ++i) {
    if (std::isfinite(variance[i]) && variance[i] > 0) variance_[i] = variance[i];
  }
}

void Metric::set_dense(ConstMatrixRef covariance) {
  if (!covariance.allFinite()) return;
  const Eigen::LLT<Matrix> llt(covariance);
  if (llt.info() != Eigen::Success) return;
  covariance_ = covariance;
  root_ = llt.matrixL();
}

void Metric::save(TuningWriter& to) const { to << variance_ << covariance_; }

void Metric::load(TuningReader& from) {
  from >> variance_ >> covariance_;
  if (dense()) root_ = covariance_.llt().matrixL();
}

MetricWindow::MetricWindow(Eigen::Index size, bool dense)
    : mean_(size), gradient_mean_(size), gradient_squares_(size), squares_(size, dense ? size : 1) {
  clear();
}

void MetricWindow::clear() {
  count_ = 0;
  for (Vector* sums : {&mean_, &gradient_mean_, &gradient_squares_}) sums->setZero();
  squares_.setZero();
}

void MetricWindow::add(ConstVectorRef z, ConstVectorRef gradient) {
  count_ += 1;  // Welford's recursion
  const Vector from_old = z - mean_;
  mean_ += from_old / count_;
  if (squares_.rows() == squares_.cols()) {
    squares_ += from_old * (z - mean_).transpose();
  } else {
    squares_.col(0) += from_old.cwiseProduct(z - mean_);
  }
  const Vector gradient_from_old = gradient - gradient_mean_;
  gradient_mean_ += gradient_from_old / count_;
  gradient_squares_ += gradient_from_old.cwiseProduct(gradient - gradient_mean_);
}

void MetricWindow::close(Metric& metric) {
  if (count_ >= 3) {
    const Vector squares =
        squares_.rows() == squares_.cols() ? Vector(squares_.diagonal()) : Vector(squares_.col(0));
    const Vector variance = squares.cwiseQuotient(gradient_squares_).cwiseSqrt();
    if (!metric.dense()) {
      metric.set_diagonal(variance);
    } else if (count_ < draws_per_coordinate * static_cast<double>(mean_.size())) {
      metric.set_dense(Matrix(variance.asDiagonal()));
    } else {
      Matrix covariance = squares_ * (count_ / ((count_ - 1) * (count_ + shrinkage)));
      covariance.diagonal() = squares / (count_ - 1);
      metric.set_dense(0.5 * (covariance + covariance.transpose()));
    }
  }
  clear();
}

void MetricWindow::save(TuningWriter& to) const {
  to << count_ << mean_ << gradient_mean_ << gradient_squares_ << squares_;
}

void MetricWindow::load(TuningReader& from) {
  from >> count_ >> mean_ >> gradient_mean_ >> gradient_squares_ >> squares_;
}

}  // namespace nuts
