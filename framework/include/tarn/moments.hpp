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

/// The same for models with slopes. An orthogonal transformation of the weighted rows of level j
/// reduces the q columns Z of all terms on the factor to a triangle,
///   [Z X y] -> [R_j T_j; 0 rest_j],
/// so r enters through ||T_j (b', -1)' + R_j r_j||^2 alone, and nothing cancels. Levels of fewer
/// than q rows have rows of zeros.
struct GroupFactors {
  Eigen::Index columns = 0;  // q
  RowMatrix R;               // (J q) x q: R_j, upper triangular, one below the other
  RowMatrix T;               // (J q) x (p + 1): T_j
  Matrix rest;               // (p + 1) x (p + 1), upper triangular: rest'rest = sum_j rest_j'rest_j

  Eigen::Index levels() const noexcept { return columns > 0 ? R.rows() / columns : 0; }
};

}  // namespace tarn
