// What is left of the response, seen through the normal equations.
#pragma once

#include <algorithm>
#include <vector>

#include "solver/elimination.hpp"

namespace tarn::solver {

/// Products of the residual y - X b - sum_f Z_f r_f with all columns and with itself, kept up as b
/// and the r_f move: a move of one factor's effects looks once at the tables that it has part in.
class Residuals {
 public:
  explicit Residuals(const NormalEquations& equations);

  /// From b = 0 (that of the shifted response) and effects of 0.
  void reset();

  void move_b(ConstVectorRef by);
  void move(std::size_t factor, ConstVectorRef by);

  /// What it would be without b and the effects of these factors. Only their products.
  RightHandSides without(ConstVectorRef b, const std::vector<Vector>& r,
                         const std::vector<std::size_t>& factors) const;

  /// Not below what differences of products are known to.
  double squares() const noexcept { return std::max(left_.y, equations_.rounding()); }
  const Vector& of(std::size_t factor) const { return left_.z[factor]; }
  const Vector& of_covariates() const noexcept { return left_.x; }
  const RightHandSides& response() const noexcept { return left_; }

 private:
  const NormalEquations& equations_;
  RightHandSides left_;
};

/// Z_f'Z_f r.
Vector own_product(const NormalEquations::Factor& factor, ConstVectorRef r);

}  // namespace tarn::solver
