// The density that draws come from.
#pragma once

#include <span>
#include <vector>

namespace tarn::statistics {

/// A curve on a grid.
struct Curve {
  std::vector<double> x;
  std::vector<double> density;
};

/// Gaussian kernels of Silverman's width (1986, eq. 3.31), reflected at the ends of the parameter's
/// support, over the range of the draws without their longest tails. `ascending` are finite and not
/// all equal.
Curve kernel_density(std::span<const double> ascending, double lower, double upper);

}  // namespace tarn::statistics
