// Sums over the rows of levels for normal rows whose standard deviations differ.
#pragma once

#include "regression/group_likelihood.hpp"

namespace tarn::regression {

/// l_j(u) is a parabola: three sums over the rows of a level, made once, serve all shifts.
class NormalLikelihood final : public GeneralLikelihood {
 public:
  NormalLikelihood(const Family& family, const GaussianRows& normal)
      : GeneralLikelihood(family), normal_(normal) {}

  void begin(const RowBlock& block, const Vector& eta, const Matrix& psi) override;
  void guess(double sd, Vector& u) const override;
  void derivatives(const Vector& u, const Wanted& wanted, Vector& score,
                   Vector& curvature) override;
  void values(const Matrix& u, const Wanted& wanted, Matrix& l) override;
  void mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) override;

 private:
  const GaussianRows& normal_;
  Vector precision_;                  // of every row, times its frequency
  Vector residual_;                   // y - eta
  Vector greatest_, mode_, squares_;  // l_j(u) = greatest - squares (u - mode)^2 / 2
};

}  // namespace tarn::regression
