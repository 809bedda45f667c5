// Least squares from the design's moments.
#include "least_squares.hpp"

#include <cmath>

namespace tarn::pooling {

LeastSquares least_squares(const Design& design) {
  const Moments& moments = design.moments();
  const auto p = as_index(design.size());
  const auto R = moments.factor.topLeftCorner(p, p).triangularView<Eigen::Upper>();
  const Vector r = moments.factor.col(p).head(p);
  const double rss = moments.factor(p, p) * moments.factor(p, p);

  LeastSquares fit{R.solve(r), Vector(p), 0, 0, moments.rows - static_cast<double>(p)};
  design.to_user(fit.b);
  // The columns of R^-1, in the user's coordinates: their squares add up to the variances.
  Matrix root = R.solve(Matrix::Identity(p, p));
  for (Eigen::Index k = 0; k < p; ++k) design.to_user(root.col(k));
  fit.sigma = std::sqrt(rss / fit.freedom);
  fit.se = root.rowwise().norm() * (design.known_errors ? 1 : fit.sigma);
  // Behind the intercept, the first column, the response has lost its mean.
  const Eigen::Index first = design.has_intercept ? 1 : 0;
  const double explained = r.tail(p - first).squaredNorm();
  fit.r_squared = explained / (explained + rss);
  return fit;
}

}  // namespace tarn::pooling
