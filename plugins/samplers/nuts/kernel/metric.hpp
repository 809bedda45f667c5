// The metric of Hamiltonian dynamics, and how it is learnt.
#pragma once

#include <tarn/rng.hpp>
#include <tarn/tuning.hpp>
#include <tarn/vector.hpp>

namespace nuts {

/// The inverse mass matrix: about the covariance of the target, or its diagonal.
class Metric {
 public:
  Metric(Eigen::Index size, bool dense);  // the identity

  /// p ~ N(0, M).
  tarn::Vector momentum(tarn::Rng& rng) const;

  /// M^-1 p.
  tarn::Vector velocity(tarn::ConstVectorRef p) const;

  bool dense() const noexcept { return covariance_.size() > 0; }
  void set_diagonal(tarn::ConstVectorRef variance);
  void set_dense(tarn::ConstMatrixRef covariance);  // ignored if not positive definite

  void save(tarn::TuningWriter& to) const;
  void load(tarn::TuningReader& from);

 private:
  tarn::Vector variance_;    // where diagonal
  tarn::Matrix covariance_;  // where dense: covariance_ = root_ root_'
  tarn::Matrix root_;
};

/// Draws and gradients of a window of the warm-up, from which a metric is estimated.
class MetricWindow {
 public:
  MetricWindow(Eigen::Index size, bool dense);

  void add(tarn::ConstVectorRef z, tarn::ConstVectorRef gradient);

  /// Updates the metric and begins a new window.
  ///   diagonal: (var z_i / var gradient_i)^(1/2) (Seyboldt, Carlson & Carpenter 2026), the
  ///   geometric
  ///             mean of two estimates, one from draws and one from curvature: right for a Gaussian
  ///             wherever the draws are
  ///   dense:    the sample covariance, its correlations shrunk a little; the diagonal estimate
  ///             where the window holds fewer than two draws for each coordinate
  void close(Metric& metric);

  void save(tarn::TuningWriter& to) const;
  void load(tarn::TuningReader& from);

 private:
  void clear();

  double count_ = 0;
  tarn::Vector mean_;
  tarn::Vector gradient_mean_;
  tarn::Vector gradient_squares_;  // sums of squared deviations from the mean
  tarn::Matrix squares_;           // the same of the draws: size x size where dense, else size x 1
};

}  // namespace nuts
