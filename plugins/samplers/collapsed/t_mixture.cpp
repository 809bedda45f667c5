// Mixtures of multivariate t distributions.
#include "t_mixture.hpp"

#include <cmath>
#include <utility>

namespace tarn::collapsed {

TMixture::TMixture(std::vector<Component> components) : components_(std::move(components)) {}

Point TMixture::draw(Rng& rng) const {
  double left = rng.uniform();
  for (const Component& component : components_) {
    left -= component.weight;
    if (left < 0) return component.t.draw(rng);
  }
  return components_.back().t.draw(rng);
}

double TMixture::density(const Point& w) const {
  double sum = 0;
  for (const auto& [weight, t] : components_) sum += weight * std::exp(t.log_density(w));
  return sum;
}

Eigen::ArrayXd TMixture::densities(const Matrix& points) const {
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(points.cols());
  for (const auto& [weight, t] : components_) {
    sum += weight * t.log_densities(t.squared_distances(points)).exp();
  }
  return sum;
}

TMixture TMixture::with(double share, const MultivariateT& other) const {
  std::vector<Component> all = components_;
  for (Component& component : all) component.weight *= share;
  all.push_back({1 - share, other});
  return TMixture(std::move(all));
}

}  // namespace tarn::collapsed
