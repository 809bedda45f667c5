// A defensive mixture: a fitted mixture with wide components beside it.
#include "defensive_mixture.hpp"

#include <cmath>
#include <utility>

namespace tarn::collapsed {

DefensiveMixture::DefensiveMixture(TMixture fitted, std::shared_ptr<const Proposal> split,
                                   const MultivariateT& wide)
    : fitted_(std::move(fitted)), split_(std::move(split)), wide_(wide) {}

Point DefensiveMixture::draw(Rng& rng) const {
  const double u = rng.uniform();
  if (u < wide_share) return wide_.draw(rng);
  return u < wide_share + split_share ? split_->draw(rng) : fitted_.draw(rng);
}

double DefensiveMixture::log_density(const Point& w) const {
  return std::log(fitted_share * fitted_.density(w) +
                  split_share * std::exp(split_->log_density(w)) +
                  wide_share * std::exp(wide_.log_density(w)));
}

}  // namespace tarn::collapsed
