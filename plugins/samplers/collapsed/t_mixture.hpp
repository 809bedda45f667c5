// Mixtures of multivariate t distributions.
#pragma once

#include <vector>

#include "multivariate_t.hpp"

namespace tarn::collapsed {

class TMixture {
 public:
  /// A component and its weight; the weights add up to 1.
  struct Component {
    double weight;
    MultivariateT t;
  };

  explicit TMixture(std::vector<Component> components);

  const std::vector<Component>& components() const noexcept { return components_; }

  Point draw(Rng& rng) const;
  double density(const Point& w) const;

  /// Of every column.
  Eigen::ArrayXd densities(const Matrix& points) const;

  /// This mixture with the weight `share`, and another component with the rest.
  TMixture with(double share, const MultivariateT& other) const;

 private:
  std::vector<Component> components_;
};

}  // namespace tarn::collapsed
