// Laplace's approximation of the density of hyperparameters, and where it is.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <tarn/model.hpp>
#include <tarn/target.hpp>

namespace tarn::pivot {

/// log p(y, phi) as it is at xi = 0, in free coordinates. The model must outlive it.
Target laplace_target(Model& model);

/// The mode of that, which is the model's anchor from now on. It depends on neither chain nor seed.
struct Anchored {
  Vector phi;
  std::vector<Vector> starts;  // in free coordinates; the first is the mode
};

/// From the first of so many starts of the model and draws of its prior.
Anchored anchor_at_mode(Model& model, const Target& target, std::size_t starts,
                        std::size_t prior_draws);

}  // namespace tarn::pivot
