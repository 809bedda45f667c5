// Moves of the hyperparameters at fixed standardised latent variables.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tarn/model.hpp>
#include <tarn/target.hpp>

#include "latents.hpp"
#include "preparation.hpp"

namespace tarn::pivot {

/// What is found out once, for all chains: it depends on neither chain nor seed.
struct Found {
  Vector anchor;  // phi at the mode of Laplace's approximation
  std::shared_ptr<const collapsed::Preparation> preparation;  // none without hyperparameters
  double residual = 0;      // sd of log p(y, phi, xi) + |xi|^2 / 2 over normal xi, at the anchor
  double disagreement = 0;  // sd of log acceptance ratios over xi, where proposals fall

  /// Proposals are refused for what they cannot know of xi: a slice in every draw moves on.
  bool needs_slices() const { return disagreement > 0.3; }
};
Found find_out(Model& model);

/// A place and the chain's hyperparameters there.
struct Here {
  std::unique_ptr<PivotPlace> place;
  Vector natural;
  Vector free;
  double log_jacobian = 0;
  bool found = false;  // the place is that of these values
};

class Hyperparameters {
 public:
  Hyperparameters(Model& model, const Found& found);

  Eigen::Index size() const noexcept { return target_.size(); }
  Eigen::Index natural_size() const noexcept { return target_.natural_size(); }

  /// The place of these natural values. False where there is none.
  bool locate(ConstVectorRef natural, Here& here) const;

  /// Proposals from a density fitted to Laplace's approximation, accepted by the exact density;
  /// where they are scarce, or none fits, slice updates as well. Returns the mean acceptance
  /// probability of the proposals.
  double move(Here& now, Latents& latents, Rng& rng);

 private:
  bool set(const Vector& free, Here& here) const;
  double log_proposal(const Vector& free) const;
  void slice_along(const Vector& direction, Here& now, Latents& latents, Rng& rng);

  std::shared_ptr<const collapsed::Preparation> preparation_;
  Matrix root_;  // about that of the covariance, for slices in every draw; empty: none are needed
  Target target_;
  Here other_;
};

}  // namespace tarn::pivot
