// Effective sample size from autocovariances.
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

#include <unsupported/Eigen/FFT>

#include "chains.hpp"
#include "tarn/vector.hpp"

namespace tarn::convergence {

/// Mean autocovariance over chains: the first lags one by one, as they are asked for, all others at
/// once by Fourier transform.
class Autocovariance {
 public:
  /// By default where one transform of all chains becomes cheaper than the inner products.
  explicit Autocovariance(std::size_t first_transformed = 64)
      : first_transformed_(first_transformed) {}

  void restart(const Chains& chains);
  double at(std::size_t lag);

 private:
  double directly(std::size_t lag) const;
  void transform();

  std::size_t first_transformed_;
  const Chains* chains_ = nullptr;
  bool transformed_ = false;
  std::vector<double> by_lag_;
  Eigen::FFT<double> fft_;
  std::vector<double> padded_;
  std::vector<std::complex<double>> spectrum_;
  std::vector<std::complex<double>> power_;
};

/// Effective draws of several chains (Vehtari et al. 2021, section 3.2), by Geyer's (1992) initial
/// monotone positive sequence of pairs of autocorrelations. Keeps its work space.
class EffectiveDraws {
 public:
  /// NaN: cannot say (constant or infinite draws, fewer than 3 per chain).
  double operator()(const Chains& chains);

 private:
  Autocovariance autocovariance_;
  std::vector<double> rho_;
};

}  // namespace tarn::convergence
