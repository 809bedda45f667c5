// One block between its natural and its free coordinates.
#pragma once

#include <memory>

#include "tarn/layout.hpp"
#include "tarn/vector.hpp"

namespace tarn {

class Transform {
 public:
  virtual ~Transform() = default;

  virtual Eigen::Index size() const noexcept = 0;  // free coordinates

  virtual void to_free(ConstVectorRef natural, VectorRef free) const = 0;

  /// Returns log |d natural / d free|.
  virtual double to_natural(ConstVectorRef free, VectorRef natural) const = 0;

  /// The gradient of log density + log |d natural / d free| in free coordinates, from the density's
  /// in natural ones.
  virtual void pull_back(ConstVectorRef free, ConstVectorRef natural,
                         ConstVectorRef natural_gradient, VectorRef gradient) const = 0;
};

/// The transform of a block. Throws PluginError where its axes do not fit its support.
std::unique_ptr<Transform> transform_of(const Block& block);

std::unique_ptr<Transform> elementwise(Support support, Eigen::Index count);
std::unique_ptr<Transform> simplex(Eigen::Index k);
std::unique_ptr<Transform> ordered(Eigen::Index k);
std::unique_ptr<Transform> correlation(Eigen::Index q);
std::unique_ptr<Transform> covariance(Eigen::Index q);

}  // namespace tarn
