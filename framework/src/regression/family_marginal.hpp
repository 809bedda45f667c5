// The collapsed form of a regression whose rows are not Gaussian.
#pragma once

#include <optional>

#include "regression/family_rows.hpp"
#include "regression/left_out_rows.hpp"
#include "regression/quadrature.hpp"
#include "regression/regression.hpp"

namespace tarn::regression {

/// Marginal parameters: b in working coordinates times its columns' sds, the family's parameters or
/// the coefficients of their predictors and, of one grouping factor with a single effect for each
/// level, sd. Effects are integrated out by quadrature and drawn exactly. Without groups these are
/// all parameters.
class FamilyMarginal {
 public:
  /// Whether it exists: no groups; or one factor with an intercept and a log-concave family; and
  /// predictors of the family's parameters without groups.
  static bool exists(const Design& design);

  FamilyMarginal(const Design& design, const Priors& priors, Terms& terms);

  const Layout& layout() const noexcept { return layout_; }

  /// Of each integral; 0 without groups.
  std::size_t nodes() const noexcept { return grouped() ? quadrature_.nodes() : 0; }
  void set_nodes(std::size_t nodes) { quadrature_.set_nodes(nodes); }
  double error(const State& now) { return grouped() ? quadrature_.error(point(now)) : 0; }

  void write(const State& now, VectorRef phi) const;
  void read(ConstVectorRef phi, State& now) const;

  double log_density(const State& now);
  double log_density_gradient(const State& now, VectorRef gradient);

  /// Of the levels of some rows, which lie side by side, with the rows' predictors but for the
  /// effects of these levels.
  void by_level(const Rows& rows, std::size_t grouping, const Vector& eta, const State& now,
                VectorRef sums);

  /// The same of rows given the other rows of their level.
  void by_row(const Rows& rows, std::size_t grouping, const Vector& eta, const State& now,
              const LeftOutRows::Parts& parts);

  /// Effects given all else.
  void draw_effects(State& now, Rng& rng);

 private:
  bool grouped() const noexcept { return terms_.factors() > 0; }
  Quadrature::Point point(const State& now) const {
    return {now.b, now.psi, now.covariances.front().sd[0], &predictors_, &now.predictors};
  }

  Terms& terms_;
  FamilyParameters psi_;
  ParameterPredictors predictors_;
  Quadrature quadrature_;
  LeftOutRows left_out_;
  FamilyRows rows_;  // where there are no groups
  Layout layout_;
  std::size_t b_ = 0;
  std::optional<GroupCovariance::Place> sd_;
  Vector unit_;  // of every coefficient
};

}  // namespace tarn::regression
