// The standard deviation of points along each coordinate.
#include "sample/units.hpp"

#include <cmath>

namespace tarn {

Vector sizes_of(ConstMatrixRef points) {
  const Vector mean = points.rowwise().mean();
  Vector sizes =
      (points.colwise() - mean).rowwise().norm() / std::sqrt(static_cast<double>(points.cols()));
  for (Eigen::Index i = 0; i < sizes.size(); ++i) {
    if (!(sizes[i] > 0)) sizes[i] = std::abs(mean[i]);
    if (!(sizes[i] > 0) || !std::isfinite(sizes[i])) sizes[i] = 1;
  }
  return sizes;
}

}  // namespace tarn
