// Rows 32 at a time, in the same operations at every place, so that a row's bits never depend on
// its neighbours.
#pragma once

#include <algorithm>

#include <tarn/rows.hpp>
#include <tarn/vector.hpp>

namespace tarn::lanes {

constexpr Eigen::Index width = 32;
using Lanes = Eigen::Array<double, width, 1>;

/// Rows from `first` on; behind the last, zeros.
inline Lanes load(ConstVectorRef from, Eigen::Index first) {
  if (from.size() - first >= width) return from.segment<width>(first).array();
  Lanes x = Lanes::Zero();
  x.head(from.size() - first) = from.tail(from.size() - first).array();
  return x;
}

inline void store(const Lanes& x, Eigen::Index first, VectorRef to) {
  const Eigen::Index count = std::min(width, to.size() - first);
  to.segment(first, count) = x.head(count).matrix();
}

/// log(1 + e), 0 <= e <= 1: the second term gives back what 1 + e has rounded away.
inline Lanes log1p(const Lanes& e) {
  const Lanes u = 1 + e;
  return u.log() + (e - (u - 1)) / u;
}

}  // namespace tarn::lanes
