// What a Gaussian model needs from its rows, computed once: its size does not depend on the rows.
#pragma once

#include <cstddef>

#include "tarn/vector.hpp"

namespace tarn {

/// Triangular factor of the cross-products of the rows d_i = (x_i', y_i): R'R = sum_i w_i d_i d_i'.
/// Built by Householder QR, block by block (TSQR, Demmel et al. 2012): it keeps the digits that
/// cross-products lose. (p + 1) x (p + 1), upper triangular.
struct Moments {
  Matrix factor;
  double rows = 0;        // N in the exponent of sigma: the sum of the observation weights
  double log_weight = 0;  // -sum_i w_i log(se_i) with known standard errors: a constant of log p(y)
};

/// The same within and between the levels of one grouping factor: with n_j = sum of the weights of
/// level j and dbar_j its weighted mean row,
///   sum_i w_i d_i d_i' = within'within + sum_j n_j dbar_j dbar_j'.
struct GroupMoments {
  Vector weight;  // J: n_j
  Matrix mean;    // (p + 1) x J: dbar_j
  Matrix within;  // (p + 1) x (p + 1), upper triangular
};

}  // namespace tarn
