// Adapts the covariance and the scale of the random walk.
#include "proposal.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include <tarn/distributions.hpp>

namespace tarn::metropolis {
namespace {

/// Up to so many coordinates all of the covariance is learnt; a factorisation for each transition
/// of the warm-up then takes at most 0.1 ms.
constexpr Eigen::Index many = 100;

}  // namespace

Proposal::Proposal(Eigen::Index size) : mean_(Vector::Zero(size)) {
  const auto d = static_cast<double>(std::max<Eigen::Index>(size, 1));
  // Optimal for one coordinate 0.44, for many 0.234 (Roberts & Rosenthal 2001).
  target_ = 0.234 + 0.206 / d;
  log_scale_ = std::log(2.38) - 0.5 * std::log(d);
  if (size <= many) {
    covariance_ = Matrix::Identity(size, size);
  } else {
    covariance_ = Matrix::Ones(size, 1);
  }
  root_ = covariance_;
}

Vector Proposal::draw(Rng& rng) const {
  Vector step(mean_.size());
  fill_normal(step, rng);
  if (dense()) {
    step = root_.triangularView<Eigen::Lower>() * step;
  } else {
    step.array() *= root_.col(0).array();
  }
  return std::exp(log_scale_) * step;
}

void Proposal::learn(ConstVectorRef z, double acceptance) {
  if (count_ == 0) mean_ = z;
  count_ += 1;
  // Weights that grow linearly: the way to the bulk of the target is forgotten.
  const double weight = 2 / (count_ + 10);
  const Vector deviation = z - mean_;
  mean_ += weight * deviation;
  if (dense()) {
    covariance_ += weight * (deviation * deviation.transpose() - covariance_);
  } else {
    covariance_.col(0) += weight * (deviation.cwiseAbs2() - covariance_.col(0));
  }
  log_scale_ += std::pow(count_, -0.6) * (acceptance - target_);  // Robbins & Monro
}

void Proposal::renew() {
  if (dense()) {
    const Eigen::LLT<Matrix> llt(covariance_);
    if (llt.info() == Eigen::Success) root_ = llt.matrixL();
  } else {
    root_ = covariance_.cwiseSqrt();
  }
}

void Proposal::save(TuningWriter& to) const {
  to << log_scale_ << count_ << mean_ << covariance_ << root_;
}

void Proposal::load(TuningReader& from) {
  from >> log_scale_ >> count_ >> mean_ >> covariance_ >> root_;
}

}  // namespace tarn::metropolis
