// Moments and autocovariances of real draws.
#include "chains.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace tarn::convergence {
namespace {

// As posterior has it: a range below the machine's epsilon counts as constant.
constexpr double least_range = std::numeric_limits<double>::epsilon();

}  // namespace

void Chains::assign(ConstMatrixRef x) {
  draws_ = static_cast<std::size_t>(x.rows());
  count_ = static_cast<std::size_t>(x.cols());
  transformed_ = false;
  const auto n = static_cast<double>(draws_);
  const auto m = static_cast<double>(count_);

  centred_.resize(x.rows(), x.cols());
  means_.resize(x.cols());
  double squares = 0;
  for (Eigen::Index chain = 0; chain < x.cols(); ++chain) {
    // From the first draw, so that a stuck sequence has a variance of exactly 0.
    const double origin = x(0, chain);
    const double mean = (x.col(chain).array() - origin).mean();
    centred_.col(chain) = (x.col(chain).array() - origin) - mean;
    squares += centred_.col(chain).squaredNorm();
    means_[chain] = origin + mean;
  }
  within_ = squares / ((n - 1) * m);  // one draw: NaN
  between_ = count_ > 1 ? (means_.array() - means_.mean()).square().sum() / (m - 1) : 0;

  // The range is at least the standard deviation, so that it is rarely needed.
  informative_ = std::isfinite(within_) && within_ >= least_range * least_range;
  if (!informative_) {
    const double range = x.maxCoeff() - x.minCoeff();
    informative_ = std::isfinite(range) && range >= least_range;
  }
}

double Chains::autocovariance(std::size_t lag) {
  if (lag >= first_transformed_) {
    if (!transformed_) transform();
    return by_lag_[lag];
  }
  const auto overlap = static_cast<Eigen::Index>(draws_ - lag);
  double sum = 0;
  for (Eigen::Index chain = 0; chain < centred_.cols(); ++chain) {
    sum += centred_.col(chain).head(overlap).dot(centred_.col(chain).tail(overlap));
  }
  return sum / static_cast<double>(centred_.size());
}

// The transform of the summed power spectra is the sum over chains of the autocovariances; zeros
// to twice the length keep it from wrapping around (Wiener & Khinchin).
void Chains::transform() {
  const std::size_t length = std::bit_ceil(2 * draws_);
  fft_.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  padded_.assign(length, 0);
  power_.assign(length / 2 + 1, 0);
  for (Eigen::Index chain = 0; chain < centred_.cols(); ++chain) {
    std::copy_n(centred_.col(chain).data(), draws_, padded_.begin());
    fft_.fwd(spectrum_, padded_);
    for (std::size_t i = 0; i < power_.size(); ++i) power_[i] += std::norm(spectrum_[i]);
  }
  fft_.inv(by_lag_, power_);
  for (double& sum : by_lag_) sum /= static_cast<double>(centred_.size());
  transformed_ = true;
}

}  // namespace tarn::convergence
