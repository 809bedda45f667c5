// Rank normalisation: draws become normal scores of their ranks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tarn/statistics/order.hpp"
#include "tarn/vector.hpp"

namespace tarn::statistics {

/// Phi^-1((r - 3/8) / (S + 1/4)) for the ranks r = 1, 1.5, 2, ... S (Blom 1958).
class NormalScores {
 public:
  explicit NormalScores(std::size_t draws);

  /// The score of the average rank of positions first .. last, counted from 0, in ascending order.
  double of(std::size_t first, std::size_t last) const noexcept { return scores_[first + last]; }

 private:
  std::vector<double> scores_;
};

/// z(place) = score of the draw's rank; equal draws share their average rank. As many scores as
/// draws.
void rank_normalise(const Order& order, const NormalScores& scores, MatrixRef z);

/// Ranks |x - center| without sorting again, by merging the ordered draws outward from the center.
class Folded {
 public:
  /// `center` is finite.
  void rank_normalise(const Order& order, double center, const NormalScores& scores, MatrixRef z);

 private:
  std::vector<double> distances_;
  std::vector<std::uint32_t> places_;
};

}  // namespace tarn::statistics
