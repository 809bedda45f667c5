// Groups with one effect each.
#pragma once

#include <tarn/coefficients.hpp>
#include <tarn/distributions.hpp>

#include "group_triangles.hpp"

namespace tarn::group_variance {

/// Draws of sd, b, sigma and r that hardly depend on the last, where q = 1, all coefficients are
/// Gaussian and the groups well_conditioned. One object serves one chain.
class SingleEffects {
 public:
  /// `sigma`: residual standard deviations near those to come. The prior outlives this.
  SingleEffects(const GroupTriangles& groups, const Coefficients& coefficients,
                const ParameterPrior& sd, ConstVectorRef sigma);

  /// sd and b | sigma, in the places of the last: MODEL.md (7), (2).
  void draw_means(ConstVectorRef sigma, VectorRef b, double& sd, Rng& rng);

  /// sigma | sd, b for sigma_j^2 ~ IG(shape, scale): MODEL.md (8).
  void draw_sigma(double shape, double scale, double sd, VectorRef sigma, Rng& rng);

  /// r | sigma, sd, b. This and draw_sigma() are at the b of draw_means().
  void draw_effects(ConstVectorRef sigma, double sd, VectorRef r, Rng& rng);

 private:
  void weigh(ConstVectorRef sigma);
  double log_density(double log_sd);
  void find_bell();
  void propose(double shape, double scale);
  Eigen::Index p() const { return groups_.coefficients(); }

  const GroupTriangles& groups_;
  const ParameterPrior& sd_prior_;
  Vector R_;            // R_j
  Matrix prior_;        // cross-products of the priors of b, less the shift
  Bell bell_ = {0, 1};  // of log sd

  // What is worked on, made once: a small model would spend half its time on memory.
  Vector weight_;       // 1 / sigma_j^2
  Vector information_;  // R_j^2 / sigma_j^2
  Vector within_;       // sum_j S_j'S_j / sigma_j^2, packed
  Vector reached_;      // 1 / (sigma_j^2 K_j)
  Vector sums_;         // F'F, packed
  Matrix precision_;    // of b, and its factor in the lower triangle
  Vector half_;         // its factor's inverse times [X y]'y
  Vector e_;            // T_jy - T_jx b
  Vector rest_;
  Vector squares_;  // ||S_j (b', -1)'||^2
  Vector c_;        // R_j^2 sd^2
  Vector more_shape_;
  Vector more_scale_;
  Vector shape_;  // of the proposals
  Vector scale_;
  Vector now_;  // variances,
  Vector next_;
  Vector precision_now_;  // and inverses of them and of v + c
  Vector all_now_;
  Vector all_next_;
  Vector log_ratio_;
};

}  // namespace tarn::group_variance
