// The points of a chain, of which its draws are resampled.
#pragma once

#include <cstdint>
#include <vector>

#include "approximation.hpp"

namespace tarn::laplace {

/// Points are named random streams, so that a key is all that they are made from.
class Points {
 public:
  Points(Model& model, const Found& found);

  /// Other points than those of any other key.
  void make(std::uint64_t key, Eigen::Index count);
  bool empty() const noexcept { return ends_.empty(); }

  /// One of them, each with the probability of its weight, to theta. Returns log p(y, phi, xi).
  double draw(VectorRef theta, Rng& rng);

  /// (sum w)^2 / sum w^2.
  double worth() const noexcept { return worth_; }

 private:
  bool place(std::size_t number);

  const Found& found_;
  Source source_;
  std::uint64_t key_ = 0;
  std::vector<double> ends_;  // of every point's share of (0, 1)
  Eigen::ArrayXd log_density_;
  double worth_ = 0;
  Eigen::Index theta_size_;
  Matrix theta_;  // of every point, one per column; empty where that would be large
};

}  // namespace tarn::laplace
