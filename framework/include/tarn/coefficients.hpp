// Population-level coefficients with independent priors: the Gaussian algebra they share.
#pragma once

#include <cstddef>
#include <vector>

#include "tarn/design.hpp"
#include "tarn/factor.hpp"
#include "tarn/layout.hpp"
#include "tarn/prior.hpp"
#include "tarn/rng.hpp"

namespace tarn {

/// The block `b` of a layout, or that of a parameter's predictor: `b_sigma`.
Block coefficient_block(const PredictorDesign& design);

/// The coefficients b of a Gaussian model, in working coordinates. Everything the data say of b at
/// a given sigma is a triangular factor F, (p + 1) x (p + 1), through
///   exp(-||F (b', -1)'||^2 / (2 sigma^2)).
/// Priors normal, scaled_normal and flat are Gaussian; student_t and cauchy are scale mixtures of
/// Gaussians, whose mixing variances are redrawn from b by mix(); plugins may add more of both;
/// coefficients with any other prior are updated one at a time by slices and held fixed wherever
/// the Gaussian ones are integrated out.
class Coefficients {
 public:
  Coefficients(const PredictorDesign& design, const Priors& priors);

  std::size_t size() const noexcept { return priors_.size(); }

  /// Every prior is normal, scaled_normal or flat: all coefficients can be integrated out.
  bool gaussian() const noexcept;

  /// Every prior is scaled_normal or flat: with an inverse-gamma sigma^2 the conjugate
  /// Normal-Inverse-Gamma regression.
  bool conjugate() const noexcept;

  /// How many priors scale with sigma; how many are flat.
  std::size_t scaled() const noexcept;
  std::size_t flat() const noexcept;

  /// Draws the mixing variances given b. Call it once at the start of a sweep.
  void mix(ConstVectorRef b, Rng& rng);

  /// The Gaussian posterior at sigma, as the factor R of [prior; data]: with R = [R_xx r; 0 q] the
  /// mean is R_xx^-1 r, the precision R_xx'R_xx, and q^2 the least quadratic form.
  TriangularFactor posterior(ConstMatrixRef F, double sigma, ConstVectorRef b) const;

  /// log of the integral of exp(-||F (b', -1)'||^2 / (2 sigma^2)) p(b | sigma) over the Gaussian
  /// coefficients. Flat ones count with density 1.
  double log_marginal(ConstMatrixRef F, double sigma, ConstVectorRef b) const;

  /// log_marginal() and what its derivatives are made of; only where gaussian(). By Fisher's
  /// identity they are expectations over b ~ N(mean, root root'): where A = F'F moves by dA, the
  /// value moves by -E[(b', -1) dA (b', -1)'] / (2 sigma^2).
  struct Integrated {
    double log_marginal;
    double dsigma;  // the derivative in sigma, at fixed F
    double least;   // the least quadratic form: q of posterior(), squared
    Vector mean;
    Matrix root;

    /// E ||B (b', -1)'||^2.
    double expected_squares(ConstMatrixRef B) const;
  };
  Integrated integrate(ConstMatrixRef F, double sigma) const;

  /// A start: the least-squares solution, moved inside the priors' supports, then draw().
  void start(ConstMatrixRef F, double sigma, VectorRef b, Rng& rng) const;

  /// Draws b given F and sigma: the Gaussian coefficients in one block, then the others by slices.
  void draw(ConstMatrixRef F, double sigma, VectorRef b, Rng& rng) const;

  /// log p(b | sigma) with normalising constants, mixing variances integrated out.
  double log_density(ConstVectorRef b, double sigma) const;

  /// The same; adds its gradient to `db` and `dsigma`.
  double log_density_gradient(ConstVectorRef b, double sigma, VectorRef db, double& dsigma) const;

  /// Sum of ((b_k - m_k) / s_k)^2 over the priors that scale with sigma: their part of sigma's full
  /// conditional.
  double scaled_squares(ConstVectorRef b) const;

  /// Throws InputError for a flat prior.
  void draw_prior(VectorRef b, double sigma, Rng& rng) const;

 private:
  double precision(std::size_t k, double sigma) const;
  double log_integral(ConstMatrixRef R, double sigma) const;

  std::vector<Density> priors_;
  std::vector<double> mixing_;          // variance factors of scale mixtures
  std::vector<Eigen::Index> gaussian_;  // coefficients drawn in one block
  std::vector<Eigen::Index> sliced_;
};

}  // namespace tarn
