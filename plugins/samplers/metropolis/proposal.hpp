// The step of the random walk: normal, with a learnt covariance and a learnt scale.
#pragma once

#include <tarn/rng.hpp>
#include <tarn/tuning.hpp>
#include <tarn/vector.hpp>

namespace tarn::metropolis {

class Proposal {
 public:
  explicit Proposal(Eigen::Index size);

  /// A step: scale * N(0, covariance).
  Vector draw(Rng& rng) const;

  /// From where the chain is, and how likely its last proposal was accepted.
  void learn(ConstVectorRef z, double acceptance);

  /// Draws with the covariance learnt so far.
  void renew();

  void save(TuningWriter& to) const;
  void load(TuningReader& from);

 private:
  bool dense() const noexcept { return covariance_.cols() == covariance_.rows(); }

  double target_;  // acceptance
  double log_scale_;
  double count_ = 0;
  Vector mean_;
  Matrix covariance_;  // of many coordinates the diagonal alone, as a column
  Matrix root_;        // and its root
};

}  // namespace tarn::metropolis
