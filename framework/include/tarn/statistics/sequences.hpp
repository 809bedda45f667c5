// What R-hat and effective draws are computed from: sequences of equal length, and their moments.
#pragma once

#include <cstddef>

namespace tarn::statistics {

class Sequences {
 public:
  virtual ~Sequences() = default;

  /// Mean over the sequences of the autocovariance (divided by draws()); lag < draws().
  virtual double autocovariance(std::size_t lag) = 0;

  std::size_t draws() const noexcept { return draws_; }  // per sequence
  std::size_t count() const noexcept { return count_; }
  double within() const noexcept { return within_; }          // mean over sequences of the variance
  double between() const noexcept { return between_; }        // variance of the means; 0 for one
  bool informative() const noexcept { return informative_; }  // finite and not constant

 protected:
  std::size_t draws_ = 0;
  std::size_t count_ = 0;
  double within_ = 0;
  double between_ = 0;
  bool informative_ = false;
};

}  // namespace tarn::statistics
