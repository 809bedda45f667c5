// A defensive mixture: a fitted mixture with wide components beside it.
#include "defensive_mixture.hpp"

#include <cmath>
#include <utility>

namespace tarn::collapsed {

DefensiveMixture::DefensiveMixture(TMixture fitted, std::shared_ptr<const Proposal> split,
                                   const MultivariateT& wide)
    : fitted_(std::move(fitted)), split_(std::move(split)), wide_(wide) {}

DefensiveMixture DefensiveMixture::lighter(double part) const {
  DefensiveMixture other = *this;
  other.split_weight_ *= part;
  other.wide_weight_ *= part;
  return other;
}

Point DefensiveMixture::draw(Rng& rng) const {
  const double u = rng.uniform();
  if (u < wide_weight_) return wide_.draw(rng);
  return u < wide_weight_ + split_weight_ ? split_->draw(rng) : fitted_.draw(rng);
}

double DefensiveMixture::log_density(const Point& w) const {
  return std::log((1 - split_weight_ - wide_weight_) * fitted_.density(w) +
                  split_weight_ * std::exp(split_->log_density(w)) +
                  wide_weight_ * std::exp(wide_.log_density(w)));
}

}  // namespace tarn::collapsed
