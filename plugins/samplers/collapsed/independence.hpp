// Independence Metropolis-Hastings steps (Tierney 1994).
#pragma once

#include <memory>

#include "kernel.hpp"
#include "preparation.hpp"

namespace tarn::collapsed {

/// Proposals do not depend on where the chain is. In more than two dimensions a slice update along
/// a random direction follows, which moves on where a proposal is too small.
class Independence final : public Kernel {
 public:
  Independence(MarginalDensity& density, std::shared_ptr<const Preparation> preparation);

  std::string plan() const override;
  std::vector<Statistic> statistics() const override;
  std::size_t warm_up() const override;
  void move(Place& now, std::span<double> stats, Rng& rng) override;

 private:
  double log_proposal(const Place& place) const;

  MarginalDensity& density_;
  std::shared_ptr<const Preparation> preparation_;
  Place proposed_;
};

}  // namespace tarn::collapsed
