// Slice updates of the marginal parameters (Neal 2003).
#pragma once

#include "kernel.hpp"
#include "whitening.hpp"

namespace tarn::collapsed {

/// One update along a direction whose length is about a standard deviation. `scratch` is any other
/// place.
void slice_along(MarginalDensity& density, ConstVectorRef direction, Place& now, Place& scratch,
                 Rng& rng);

/// One update along a random direction; `root` times its transpose is about the covariance.
void slice_anywhere(MarginalDensity& density, ConstMatrixRef root, Place& now, Place& scratch,
                    Rng& rng);

/// A sweep along all whitened axes, and as many random directions.
class Slices final : public Kernel {
 public:
  /// `because`: "mixtures of t have k-hat 0.93", or nothing.
  Slices(MarginalDensity& density, Whitening whitening, std::string because);

  std::string plan() const override;
  std::vector<Statistic> statistics() const override;
  void move(Place& now, std::span<double> stats, Rng& rng) override;

 private:
  MarginalDensity& density_;
  Whitening whitening_;
  std::string because_;
  Place scratch_;
};

}  // namespace tarn::collapsed
