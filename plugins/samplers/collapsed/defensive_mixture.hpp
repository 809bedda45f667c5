// A defensive mixture: a fitted mixture, and wide components for tails that it may miss.
#pragma once

#include <memory>

#include "multivariate_t.hpp"
#include "proposal.hpp"
#include "t_mixture.hpp"

namespace tarn::collapsed {

/// The weights of the split and the wide t.
constexpr double split_share = 0.15;
constexpr double wide_share = 0.05;
constexpr double fitted_share = 1 - split_share - wide_share;

/// A fitted mixture of t; with small weights the split t around the modes, which knows the drops
/// along their axes, and a wide t, which keeps importance ratios bounded (Hesterberg 1995).
class DefensiveMixture final : public Proposal {
 public:
  DefensiveMixture(TMixture fitted, std::shared_ptr<const Proposal> split,
                   const MultivariateT& wide);

  const TMixture& fitted() const noexcept { return fitted_; }

  /// The same with `part` of the weights of the split and the wide t.
  DefensiveMixture lighter(double part) const;

  Point draw(Rng& rng) const override;
  double log_density(const Point& w) const override;

 private:
  TMixture fitted_;
  std::shared_ptr<const Proposal> split_;
  MultivariateT wide_;
  double split_weight_ = split_share;
  double wide_weight_ = wide_share;
};

}  // namespace tarn::collapsed
