// A wide multivariate t: the part of a proposal that reaches everywhere.
#pragma once

#include <tarn/rng.hpp>
#include <tarn/vector.hpp>

/// t with 4 degrees of freedom and scale 2 in every whitened direction.
struct WideTail {
  Eigen::Index dimensions;

  tarn::Vector draw(tarn::Rng& rng) const;
  double density(const tarn::Vector& w) const;
};
