// A density over free coordinates: every real vector is allowed.
#pragma once

#include <functional>

#include "tarn/layout.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// One parameter between its natural and its free scale: log for positive numbers, logit for
/// numbers between 0 and 1, real numbers as they are.
double to_free(Support support, double natural) noexcept;
double to_natural(Support support, double free) noexcept;

/// log |d natural / d free|.
double log_jacobian(Support support, double free) noexcept;

/// A log density on the natural scale of a layout, as a log density of free coordinates.
class Target {
 public:
  using LogDensity = std::function<double(ConstVectorRef natural)>;

  /// Throws PluginError for a block whose elements cannot be freed one by one.
  Target(const Layout& layout, LogDensity log_density);

  Eigen::Index size() const noexcept { return static_cast<Eigen::Index>(supports_.size()); }

  Vector free(ConstVectorRef natural) const;
  Vector natural(ConstVectorRef free) const;

  /// log |d natural / d free|.
  double log_jacobian(ConstVectorRef free) const;

  /// Jacobian included. -inf or NaN where the density is.
  double log_density(ConstVectorRef free) const;

 private:
  std::vector<Support> supports_;  // of each element
  LogDensity log_density_;
};

}  // namespace tarn
