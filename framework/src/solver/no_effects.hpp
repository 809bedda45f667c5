// No grouping factors.
#pragma once

#include "regression/solver.hpp"

namespace tarn::solver {

/// Everything from the moments of all rows.
class NoEffects final : public regression::Solver {
 public:
  explicit NoEffects(const Design& design) : moments_(design.moments()) {
    marginal_.factor = moments_.factor;
  }

  std::vector<std::size_t> groupings() const override { return {}; }
  double squares(const regression::Values& at) override { return residual(at.b).squaredNorm(); }
  double scores(const regression::Values& at, regression::Values& slope) override {
    const Vector e = residual(at.b);
    slope.b.noalias() = moments_.factor.leftCols(at.b.size()).transpose() * e;
    return e.squaredNorm();
  }
  Matrix given(const regression::Values& /*at*/) override { return moments_.factor; }
  const Marginal& marginal(const std::vector<Matrix>& /*lambda*/) override { return marginal_; }
  void draw_effects(const std::vector<Matrix>& /*lambda*/, double /*sigma*/,
                    regression::Values& /*now*/, Rng& /*rng*/) override {}
  std::vector<Matrix> derivative(const std::vector<Matrix>& /*lambda*/,
                                 const Matrix& /*B*/) override {
    return {};
  }
  Parabola parabola(const regression::Values& /*at*/, std::size_t /*f*/,
                    const Matrix& /*ratios*/) override {
    return {};
  }

 private:
  /// y - X b, rotated to the length of b plus one: X'e and ||e||^2 are those of all rows.
  Vector residual(const Vector& b) const {
    return moments_.factor.col(b.size()) - moments_.factor.leftCols(b.size()) * b;
  }

  const Moments& moments_;
  Marginal marginal_;
};

}  // namespace tarn::solver
