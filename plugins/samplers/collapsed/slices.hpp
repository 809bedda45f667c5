// Slice updates of the kept parameters (Neal 2003).
#pragma once

#include "kernel.hpp"
#include "whitening.hpp"

/// One update along a direction whose length is about a standard deviation. `scratch` is any other
/// place.
void slice_along(KeptDensity& density, tarn::ConstVectorRef direction, Place& now, Place& scratch,
                 tarn::Rng& rng);

/// One update along a random direction; `root` times its transpose is about the covariance.
void slice_anywhere(KeptDensity& density, tarn::ConstMatrixRef root, Place& now, Place& scratch,
                    tarn::Rng& rng);

/// A sweep along all whitened axes, and as many random directions.
class Slices final : public Kernel {
 public:
  /// `because`: "mixtures of t have k-hat 0.93", or nothing.
  Slices(KeptDensity& density, Whitening whitening, std::string because);

  std::string plan() const override;
  std::vector<tarn::Statistic> statistics() const override;
  void move(Place& now, std::span<double> stats, tarn::Rng& rng) override;

 private:
  KeptDensity& density_;
  Whitening whitening_;
  std::string because_;
  Place scratch_;
};
