// Laplace's approximation as something to draw from, and what its importance ratios say of it.
#pragma once

#include <memory>
#include <string>

#include <tarn/model.hpp>
#include <tarn/rng.hpp>
#include <tarn/target.hpp>

#include "proposal.hpp"
#include "whitening.hpp"

namespace tarn::laplace {

/// Above this shape the ratios' tail says too little for them to be used as weights (Vehtari,
/// Simpson, Gelman, Yao & Gabry 2024).
constexpr double reliable = 0.7;

/// Where hyperparameters are drawn: about where Laplace's approximation has them. In whitened
/// coordinates, a mixture fitted to it; where none fits, t about its mode.
class Proposal {
 public:
  Vector draw(Rng& rng) const;
  double log_density(const Vector& w) const;

  collapsed::Whitening whitening;
  std::shared_ptr<const collapsed::Proposal> fitted;  // may be none
};

/// What is found out once, for all chains: it depends on neither chain nor seed.
struct Found {
  Vector anchor;  // phi at the mode of Laplace's approximation
  Proposal proposal;
  std::string method;
  double pareto_k = 0;    // of the ratios of the exact density to that of the points
  double efficiency = 1;  // (sum w)^2 / sum w^2 of the weights in use, for each point

  bool reweighted() const { return pareto_k <= reliable; }
};
Found find_out(Model& model);

/// Makes points (phi, xi) of one model, one at a time.
class Source {
 public:
  Source(Model& model, const Proposal& proposal);

  /// phi from the proposal, xi ~ N(0, I). False where there is no normal approximation.
  bool draw(Rng& rng);

  /// log p(y, phi, xi) of the point.
  double log_density();

  /// log of the ratio to the density it was drawn from, up to a constant: of the exact density, of
  /// which `log_density` is that of the point; of Laplace's approximation.
  double log_ratio(double log_density) const;
  double log_laplace_ratio();

  void write(VectorRef theta) { place_->from_standard(xi_, theta); }

 private:
  const Proposal& proposal_;
  Target target_;
  std::unique_ptr<PivotPlace> place_;
  Vector phi_;
  Vector xi_;
  double log_jacobian_ = 0;
  double log_proposal_ = 0;
};

/// Ratios as weights whose sum is 1, their tail smoothed.
struct Weights {
  Eigen::ArrayXd weights;
  double pareto_k;

  double worth() const { return 1 / weights.square().sum(); }
};

/// -inf: no point. Throws PluginError where there is none.
Weights weights_of(const Eigen::ArrayXd& log_ratios);

}  // namespace tarn::laplace
