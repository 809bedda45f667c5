// Ordinary least squares of the population part: what R's lm gives.
#pragma once

#include "tarn/design.hpp"

namespace tarn::pooling {

struct LeastSquares {
  Vector b;   // in the user's coordinates
  Vector se;  // from sigma; with known standard errors from these
  double sigma;
  double r_squared;
  double freedom;  // residual degrees of freedom
};

/// From the triangular factor of the rows: no cross-products are formed, so no digit is lost.
LeastSquares least_squares(const Design& design);

}  // namespace tarn::pooling
