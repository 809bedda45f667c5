// Geyer's initial monotone sequence, with the truncation rules of posterior 1.4.0.
#include "ess.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace tarn::convergence {
void Autocovariance::restart(const Chains& chains) {
  chains_ = &chains;
  transformed_ = false;
}

double Autocovariance::at(std::size_t lag) {
  if (lag < first_transformed_) return directly(lag);
  if (!transformed_) transform();
  return by_lag_[lag];
}

double Autocovariance::directly(std::size_t lag) const {
  const Matrix& x = chains_->centred;
  const Eigen::Index overlap = x.rows() - static_cast<Eigen::Index>(lag);
  double sum = 0;
  for (Eigen::Index chain = 0; chain < x.cols(); ++chain) {
    sum += x.col(chain).head(overlap).dot(x.col(chain).tail(overlap));
  }
  return sum / static_cast<double>(x.size());
}

// The transform of the summed power spectra is the sum over chains of the autocovariances; zeros
// to twice the length keep it from wrapping around (Wiener & Khinchin).
void Autocovariance::transform() {
  const Matrix& x = chains_->centred;
  const auto n = static_cast<std::size_t>(x.rows());
  const std::size_t length = std::bit_ceil(2 * n);
  fft_.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  padded_.assign(length, 0);
  power_.assign(length / 2 + 1, 0);
  for (Eigen::Index chain = 0; chain < x.cols(); ++chain) {
    std::copy_n(x.col(chain).data(), n, padded_.begin());
    fft_.fwd(spectrum_, padded_);
    for (std::size_t i = 0; i < power_.size(); ++i) power_[i] += std::norm(spectrum_[i]);
  }
  fft_.inv(by_lag_, power_);
  for (double& sum : by_lag_) sum /= static_cast<double>(x.size());
  transformed_ = true;
}

double EffectiveDraws::operator()(const Chains& chains) {
  const auto n = static_cast<std::size_t>(chains.centred.rows());
  if (!chains.informative || n < 3) return std::numeric_limits<double>::quiet_NaN();

  autocovariance_.restart(chains);
  const double variance = chains.within * (chains.draws() - 1) / chains.draws() + chains.between;
  const auto rho = [&](std::size_t lag) {
    return 1 - (chains.within - autocovariance_.at(lag)) / variance;
  };

  // Pairs of neighbouring lags, as long as their sum is positive.
  double even = 1;
  double odd = rho(1);
  rho_.assign({even, odd});
  std::size_t last = 0;
  while (last + 5 < n && even + odd > 0) {
    last += 2;
    even = rho(last);
    odd = rho(last + 1);
    const bool positive = even + odd >= 0;
    rho_.push_back(positive ? even : 0);
    rho_.push_back(positive ? odd : 0);
  }
  if (even > 0) rho_[last] = even;  // lowers the variance for antithetic chains

  for (std::size_t lag = 2; lag + 2 <= last; lag += 2) {  // pairs may not grow
    const double before = rho_[lag - 2] + rho_[lag - 1];
    if (rho_[lag] + rho_[lag + 1] > before) rho_[lag] = rho_[lag + 1] = before / 2;
  }

  // Without any pair beyond lag 1, posterior counts lag 0 once nevertheless.
  double sum = last == 0 ? rho_[0] : 0;
  for (std::size_t lag = 0; lag < last; ++lag) sum += rho_[lag];
  const double total = chains.draws() * chains.count();
  // Antithetic chains are not believed beyond total * log10(total).
  const double tau = std::max(-1 + 2 * sum + rho_[last], 1 / std::log10(total));
  return total / tau;
}

}  // namespace tarn::convergence
