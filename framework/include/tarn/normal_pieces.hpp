// Normals for the effects of many groups, by runs of groups with a random stream each.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tarn/distributions.hpp"
#include "tarn/rng.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// N(0, 1) for `groups` groups of q effects, in pieces of 1024 groups that may be drawn in any
/// order, by any threads or machines: the numbers of a piece depend on the state of `rng` at the
/// start and on the number of the piece. A call takes one number of `rng` to tell its streams from
/// those of other calls in the same draw. A single piece comes from `rng` itself, at no cost.
class NormalPieces {
 public:
  static constexpr Eigen::Index groups_each = 1024;

  NormalPieces(Eigen::Index groups, Eigen::Index q, Rng& rng) noexcept
      : size_(groups * q),
        length_(groups_each * q),
        rng_(rng),
        first_stream_(groups > groups_each ? rng.bits() : 0) {}

  Eigen::Index count() const noexcept { return length_ == 0 ? 0 : (size_ + length_ - 1) / length_; }

  /// Writes piece k to its place in the effects of all groups, one group's q after another's.
  void fill(Eigen::Index k, VectorRef r) const noexcept {
    auto piece = r.segment(k * length_, std::min(length_, size_ - k * length_));
    if (size_ <= length_) return fill_normal(piece, rng_);
    Rng own = rng_.piece(first_stream_ + static_cast<std::uint64_t>(k));
    fill_normal(piece, own);
  }

 private:
  Eigen::Index size_;
  Eigen::Index length_;  // of a piece
  Rng& rng_;
  std::uint64_t first_stream_;
};

/// r ~ N(0, I), q effects of each group, one group's after another's.
inline void fill_normal_by_pieces(VectorRef r, Eigen::Index q, Rng& rng) noexcept {
  const NormalPieces pieces(q > 0 ? r.size() / q : 0, q, rng);
  for (Eigen::Index k = 0; k < pieces.count(); ++k) pieces.fill(k, r);
}

}  // namespace tarn
