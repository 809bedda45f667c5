// Moments and autocovariances of real draws.
#include "tarn/statistics/chains.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace tarn::statistics {
namespace {

// A range below this, relative to the draws' size, is rounding: it counts as constant. (posterior
// takes it absolutely, which depends on units.)
constexpr double least_range = std::numeric_limits<double>::epsilon();

constexpr std::size_t lags_at_once = 4;

}  // namespace

void Chains::assign(ConstMatrixRef x) {
  draws_ = as_size(x.rows());
  count_ = as_size(x.cols());
  by_lag_.clear();
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
  const double least = least_range * means_.cwiseAbs().maxCoeff();
  informative_ = std::isfinite(within_) && within_ > least * least;
  if (!informative_) {
    const double low = x.minCoeff(), high = x.maxCoeff();
    const double range = high - low;
    informative_ = std::isfinite(range) && range > 0 &&
                   range >= least_range * std::max(std::abs(low), std::abs(high));
  }
}

double Chains::autocovariance(std::size_t lag) {
  while (by_lag_.size() <= lag) {
    if (by_lag_.size() >= first_transformed_) {
      transform();
    } else {
      multiply(by_lag_.size());
    }
  }
  return by_lag_[lag];
}

// Inner products of a few lags side by side: each draw is loaded once for all of them.
void Chains::multiply(std::size_t first) {
  using Pair = Eigen::Array2d;
  std::array<double, lags_at_once> sums{};
  const std::size_t overlap = draws_ - std::min(draws_, first + lags_at_once - 1);  // of all lags
  for (Eigen::Index chain = 0; chain < centred_.cols(); ++chain) {
    const double* x = centred_.col(chain).data();
    std::array<Pair, lags_at_once> products;
    products.fill(Pair::Zero());
    std::size_t i = 0;
    for (; i + 2 <= overlap; i += 2) {
      const Pair here = Eigen::Map<const Pair>(x + i);
      for (std::size_t k = 0; k < lags_at_once; ++k) {
        products[k] += here * Eigen::Map<const Pair>(x + i + first + k);
      }
    }
    for (std::size_t k = 0; k < lags_at_once; ++k) {
      sums[k] += products[k].sum();
      for (std::size_t j = i; j + first + k < draws_; ++j) sums[k] += x[j] * x[j + first + k];
    }
  }
  for (const double sum : sums) by_lag_.push_back(sum / static_cast<double>(centred_.size()));
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
}

}  // namespace tarn::statistics
