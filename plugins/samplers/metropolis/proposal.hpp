// The step of the random walk: normal, with a learnt covariance and a learnt scale.
#pragma once

#include <tarn/rng.hpp>
#include <tarn/tuning.hpp>
#include <tarn/vector.hpp>

class Proposal {
 public:
  explicit Proposal(Eigen::Index size);

  /// A step: scale * N(0, covariance).
  tarn::Vector draw(tarn::Rng& rng) const;

  /// From where the chain is, and how likely its last proposal was accepted.
  void learn(tarn::ConstVectorRef z, double acceptance);

  /// Draws with the covariance learnt so far.
  void renew();

  void save(tarn::TuningWriter& to) const;
  void load(tarn::TuningReader& from);

 private:
  bool dense() const noexcept { return covariance_.cols() == covariance_.rows(); }

  double target_;  // acceptance
  double log_scale_;
  double count_ = 0;
  tarn::Vector mean_;
  tarn::Matrix covariance_;  // of many coordinates the diagonal alone, as a column
  tarn::Matrix root_;        // and its root
};
