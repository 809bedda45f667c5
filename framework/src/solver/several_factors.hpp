// Any grouping factors, crossed or nested.
#pragma once

#include <memory>
#include <vector>

#include "regression/solver.hpp"
#include "solver/elimination.hpp"
#include "solver/residuals.hpp"

namespace tarn::solver {

/// Normal equations with all effects eliminated where that is affordable. Factors by falling number
/// of columns.
class SeveralFactors final : public regression::Solver {
 public:
  explicit SeveralFactors(const Design& design);

  std::vector<std::size_t> groupings() const override;
  void begin() override { seen_r_.clear(); }
  double squares(const regression::Values& at) override { return residuals(at).squares(); }
  double scores(const regression::Values& at, regression::Values& slope) override;
  Matrix given(const regression::Values& at) override;
  bool integrates() const override { return all_ != nullptr; }
  const Marginal& marginal(const std::vector<Matrix>& lambda) override;
  void draw_effects(const std::vector<Matrix>& lambda, double sigma, regression::Values& now,
                    Rng& rng) override;
  Parabola parabola(const regression::Values& at, std::size_t f, const Matrix& ratios) override;

  const NormalEquations& equations() const noexcept { return equations_; }

  /// The residuals at b and r, moved from those of the last look.
  const Residuals& residuals(const regression::Values& at);

  /// The residuals' products as they would be without b and the effects of these factors.
  RightHandSides without(const regression::Values& at, const std::vector<std::size_t>& factors);

  /// F of what an elimination leaves, for the response as it was before its fit was taken off.
  Matrix factor_of(const Elimination::Marginal& marginal) const;

  /// b as the equations count it: less the fit that was taken off the response.
  Vector shifted(const Vector& b) const { return b - equations_.shift(); }

 private:
  const NormalEquations& equations_;
  Residuals residuals_;
  Vector seen_b_;  // what the residuals are of
  std::vector<Vector> seen_r_;
  const RightHandSides untouched_;
  std::unique_ptr<Elimination> all_;  // of all factors, where affordable
  std::vector<Matrix> last_lambda_;
  Marginal last_;
};

/// All factors of the equations.
std::vector<std::size_t> all_factors(const NormalEquations& equations);

/// Whether the exact density with all effects integrated out is cheap.
bool is_affordable(const NormalEquations& equations);

}  // namespace tarn::solver
