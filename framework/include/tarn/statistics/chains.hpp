// Sequences of real draws.
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

#include <unsupported/Eigen/FFT>

#include "tarn/statistics/sequences.hpp"
#include "tarn/vector.hpp"

namespace tarn::statistics {

/// Autocovariances are computed as they are asked for: the first lags one by one, all others at
/// once by Fourier transform. Keeps its work space.
class Chains final : public Sequences {
 public:
  /// By default where one transform becomes cheaper than the inner products.
  explicit Chains(std::size_t first_transformed = 128) : first_transformed_(first_transformed) {}

  /// One column per sequence.
  void assign(ConstMatrixRef x);

  double autocovariance(std::size_t lag) override;

 private:
  void multiply(std::size_t first);
  void transform();

  std::size_t first_transformed_;
  Matrix centred_;
  Vector means_;
  std::vector<double> by_lag_;  // the lags known so far
  Eigen::FFT<double> fft_;
  std::vector<double> padded_;
  std::vector<std::complex<double>> spectrum_;
  std::vector<std::complex<double>> power_;
};

}  // namespace tarn::statistics
