// A normal approximation of coefficients and effects given hyperparameters, and the exact density
// seen from it.
#pragma once

#include <cmath>
#include <memory>
#include <vector>

#include <Eigen/SparseCholesky>

#include "regression/latent_structure.hpp"
#include "regression/regression.hpp"
#include "regression/row_likelihood.hpp"
#include "tarn/target.hpp"

namespace tarn::regression {

/// Where hyperparameters are in a vector of their own: the family's parameters, coefficients of
/// their predictors, then the covariances of the factors.
class Hyperparameters {
 public:
  /// Whether they are few: predictors of the family's parameters without groups, and with not many
  /// coefficients.
  static bool exist(const Design& design);

  Hyperparameters(const Design& design, const Priors& priors, const Terms& terms);

  const Layout& layout() const noexcept { return layout_; }
  void read(ConstVectorRef phi, State& now) const;
  void write(const State& now, VectorRef phi) const;

 private:
  const Terms& terms_;
  FamilyParameters psi_;
  ParameterPredictors predictors_;
  Layout layout_;
  std::vector<GroupCovariance::Place> covariances_;
};

/// Parts of a model, which outlive its places.
struct PivotParts {
  const Design& design;
  const LatentStructure& structure;
  const Hyperparameters& hyperparameters;
  const Terms& terms;
  const FamilyParameters& psi;
  const ParameterPredictors& predictors;
  const Layout& layout;
};

/// Where searches for modes begin: the mode at one phi, and how it moves with each of the free
/// coordinates of hyperparameters, by a parabola.
struct Anchor {
  Vector mode;
  std::shared_ptr<const Target> coordinates;  // none yet: the mode everywhere
  Vector at;                                  // those of the anchor
  Matrix slope;                               // a column for each
  Matrix bend;                                // half the second derivatives

  Vector predict(ConstVectorRef phi) const;

  /// Stays where it is if there is no mode at phi.
  void move_to(ConstVectorRef phi, const PivotParts& parts);
};

/// With x = (b, r) and Q = X'WX + K, W the curvatures of the rows at the mode of p(x | y, phi) and
/// K the prior precision, L L' = Q: x = mode + L^-T xi. The mode is found by damped Newton steps
/// from that at the anchor, to a tenth of a standard deviation: log p(y, phi, xi) is exact whatever
/// the mode is (Rue, Martino & Chopin 2009, section 3; plugins/samplers/pivot/SAMPLER.md).
class LaplacePlace final : public PivotPlace {
 public:
  /// The anchor is referred to: it may move.
  LaplacePlace(const PivotParts& parts, const Anchor& anchor);

  bool set(ConstVectorRef phi) override;
  double log_density(ConstVectorRef xi) override;
  double log_density_gradient(ConstVectorRef xi, VectorRef gradient) override;
  void gradient(ConstVectorRef xi, VectorRef gradient) override;
  void to_standard(ConstVectorRef theta, VectorRef xi) override;
  void from_standard(ConstVectorRef xi, VectorRef theta) override;

  const Vector& mode() const noexcept { return mode_; }

 private:
  using Sparse = LatentStructure::Sparse;

  void latents_to_state(const Vector& x, State& now) const;
  void state_to_latents(const State& now, Vector& x) const;
  Vector at(ConstVectorRef xi) const;

  /// log p(y, x | phi), its gradient, and the rows' curvatures, as wanted.
  enum class Wanted { value, gradient, value_and_gradient, all };
  double evaluate(const Vector& x, Wanted wanted);
  bool factorise(const Vector& x);
  double half_log_determinant() const;

  PivotParts parts_;
  const Anchor& anchor_;
  const RowBlocks& blocks_;
  RowLikelihood rows_;
  State now_;
  Vector unit_;                    // steps of differences, of every coefficient
  std::vector<Matrix> psi_;        // of every block; the first where all rows have the same
  std::vector<Matrix> precision_;  // of every factor's effects
  double constant_ = 0;            // log p(phi) and what else does not depend on x, -log |L|
  Vector mode_;
  Sparse Q_;
  Eigen::SimplicialLLT<Sparse> llt_;
  // Of the last evaluation:
  Vector gradient_;
  std::vector<Vector> weight_;  // of every block
  Vector eta_, by_row_, score_;
};

}  // namespace tarn::regression
