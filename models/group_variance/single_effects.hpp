// Groups with one effect each.
#pragma once

#include <tarn/coefficients.hpp>
#include <tarn/distributions.hpp>

#include "group_triangles.hpp"

/// Draws of sd, b, sigma and r that hardly depend on the last, where q = 1, all coefficients are
/// Gaussian and the groups well_conditioned. One object serves one chain.
class SingleEffects {
 public:
  /// `sigma`: residual standard deviations near those to come. The prior outlives this.
  SingleEffects(const GroupTriangles& groups, const tarn::Coefficients& coefficients,
                const tarn::ParameterPrior& sd, tarn::ConstVectorRef sigma);

  /// sd and b | sigma, in the places of the last: MODEL.md (7), (2).
  void draw_means(tarn::ConstVectorRef sigma, tarn::VectorRef b, double& sd, tarn::Rng& rng);

  /// sigma | sd, b for sigma_j^2 ~ IG(shape, scale): MODEL.md (8).
  void draw_sigma(double shape, double scale, double sd, tarn::VectorRef sigma, tarn::Rng& rng);

  /// r | sigma, sd, b. This and draw_sigma() are at the b of draw_means().
  void draw_effects(tarn::ConstVectorRef sigma, double sd, tarn::VectorRef r, tarn::Rng& rng);

 private:
  void weigh(tarn::ConstVectorRef sigma);
  double log_density(double log_sd);
  void find_bell();
  void propose(double shape, double scale);
  Eigen::Index p() const { return groups_.coefficients(); }

  const GroupTriangles& groups_;
  const tarn::ParameterPrior& sd_prior_;
  tarn::Vector R_;            // R_j
  tarn::Matrix prior_;        // cross-products of the priors of b, less the shift
  tarn::Bell bell_ = {0, 1};  // of log sd

  // What is worked on, made once: a small model would spend half its time on memory.
  tarn::Vector weight_;       // 1 / sigma_j^2
  tarn::Vector information_;  // R_j^2 / sigma_j^2
  tarn::Vector within_;       // sum_j S_j'S_j / sigma_j^2, packed
  tarn::Vector reached_;      // 1 / (sigma_j^2 K_j)
  tarn::Vector sums_;         // F'F, packed
  tarn::Matrix precision_;    // of b, and its factor in the lower triangle
  tarn::Vector half_;         // its factor's inverse times [X y]'y
  tarn::Vector e_;            // T_jy - T_jx b
  tarn::Vector rest_;
  tarn::Vector squares_;  // ||S_j (b', -1)'||^2
  tarn::Vector c_;        // R_j^2 sd^2
  tarn::Vector more_shape_;
  tarn::Vector more_scale_;
  tarn::Vector shape_;  // of the proposals
  tarn::Vector scale_;
  tarn::Vector now_;  // variances,
  tarn::Vector next_;
  tarn::Vector precision_now_;  // and inverses of them and of v + c
  tarn::Vector all_now_;
  tarn::Vector all_next_;
  tarn::Vector log_ratio_;
};
