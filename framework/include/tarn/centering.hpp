// Effects and coefficients about the means of their columns.
#pragma once

#include "tarn/vector.hpp"

namespace tarn {

/// Where a combination of the columns is the constant, z'constant = 1, the predictor z'r is also
/// (z - mean)'r' with r' = r + constant (mean'r). r' are the working coordinates: those of the
/// priors. mean'constant is 0, so that volumes stay.
struct Centering {
  Vector mean;      // subtracted from the columns; 0 where one stays
  Vector constant;  // 0 where a column has no part in it

  /// Whether anything is moved.
  bool moves() const noexcept { return mean.size() > 0 && !mean.isZero(0); }

  // In place; every column of a matrix is one r, or the gradient of a function of it.

  void to_working(MatrixRef r) const;
  void to_user(MatrixRef r) const;
  void gradient_to_user(MatrixRef gradient) const;
  void gradient_to_working(MatrixRef gradient) const;
};

}  // namespace tarn
