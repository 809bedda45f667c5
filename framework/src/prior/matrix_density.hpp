// Densities of correlation and covariance matrices: values, derivatives, draws.
#pragma once

#include "tarn/rng.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// The inverse of a positive definite matrix; NaN where it is not.
Matrix inverse(ConstMatrixRef matrix);

/// LKJ(eta), density c |C|^(eta - 1) of the correlations below the diagonal (Lewandowski, Kurowicka
/// & Joe 2009, equation 16).
double lkj_log_density(ConstMatrixRef C, double eta);

/// By its partial correlations, which are independent and Beta on (-1, 1) (their section 2.4).
Matrix draw_lkj(Eigen::Index size, double eta, Rng& rng);

/// D C D ~ IW(nu, s I), as a density of sd and the correlations below the diagonal.
double inv_wishart_log_density(ConstVectorRef sd, ConstMatrixRef C, double nu, double s);
void add_inv_wishart_gradient(ConstVectorRef sd, ConstMatrixRef C, double nu, double s,
                              VectorRef by_sd, MatrixRef by_C);

/// IW(nu, scale), density proportional to |X|^-((nu + q + 1)/2) exp(-tr(scale X^-1)/2); by
/// Bartlett's (1933) decomposition.
Matrix draw_inv_wishart(double nu, ConstMatrixRef scale, Rng& rng);

/// A covariance matrix into standard deviations and correlations.
void split(ConstMatrixRef covariance, VectorRef sd, MatrixRef C);

}  // namespace tarn
