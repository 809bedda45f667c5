// Second moments of the rows, by which variances of the linear predictor over all rows are sums of
// squares over a few: the predictor is linear in a row, so that var(x'b) = sum_k (u_k'b)^2 where
// Cov(x) = sum_k u_k u_k', and the mean of z'Sigma z the sum of u_k'Sigma u_k.
#pragma once

#include <vector>

#include "answers/linear_draws.hpp"
#include "tarn/design.hpp"

namespace tarn::launcher {

class PredictorMoments {
 public:
  explicit PredictorMoments(const Design& design);

  void add(const Rows& rows);

  // One number for each draw.
  Vector fixed_variance(LinearDraws& draws) const;                        // of X b over the rows
  Vector predictor_mean(LinearDraws& draws) const;                        // of X b and the offset
  Vector group_variance(LinearDraws& draws, std::size_t grouping) const;  // mean z'Sigma z

 private:
  Rows blank(Eigen::Index count) const;

  const Design& design_;
  double rows_ = 0;
  double offset_ = 0;       // sums
  Vector shift_;            // near the mean of X, so that no digit is lost
  Vector x_;                // sum of X less it
  Matrix xx_;               // and of its squares
  std::vector<Matrix> zz_;  // of each grouping: sums over the columns of all its terms
  Rows like_;
};

}  // namespace tarn::launcher
