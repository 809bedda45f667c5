// Power scaling: what the posterior would be, were a part of the model raised to a power.
#pragma once

#include <vector>

#include "tarn/vector.hpp"

namespace tarn::power_scaling {

/// The posterior with one component (prior or likelihood) to the power alpha, as weights of draws
/// of the posterior itself (Kallioinen, Paananen, Buerkner & Vehtari 2024, section 2.3).
struct Scaled {
  Eigen::ArrayXd weights;  // sum 1
  double pareto_k;         // of their tail; 0 where the component does not vary
};

/// `log_component`: its log density in every draw.
Scaled power_scale(const Eigen::ArrayXd& log_component, double alpha);

/// Draws of one quantity, sorted once for all that is asked of it.
class Quantity {
 public:
  explicit Quantity(const Vector& draws);

  /// Cumulative Jensen-Shannon distance (Nguyen & Vreeken 2015) between the draws and the same
  /// draws weighted: between 0 and 1, the greater of those of x and -x.
  double distance(const Eigen::ArrayXd& weights) const;

  double mean(const Eigen::ArrayXd& weights) const;
  double sd(const Eigen::ArrayXd& weights) const;

 private:
  const Vector& draws_;
  std::vector<Eigen::Index> order_;
  Eigen::ArrayXd widths_;  // between neighbours
};

/// How far from 1 the power is for the derivative.
inline constexpr double lower_alpha = 0.99;
inline constexpr double upper_alpha = 1.01;

/// The derivative of the distance with respect to log2(alpha), by differences to both sides.
double sensitivity(const Quantity& quantity, const Scaled& lower, const Scaled& upper);

}  // namespace tarn::power_scaling
