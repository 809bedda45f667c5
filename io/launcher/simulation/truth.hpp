// True values of parameters, where data were simulated.
#pragma once

#include <map>
#include <span>
#include <string>

#include "tarn/design.hpp"
#include "tarn/model.hpp"
#include "tarn/prior.hpp"

namespace tarn::launcher {

/// Every number of theta, in the order of the layout, as read_truth() reads them.
std::string truth_text(const Layout& layout, ConstVectorRef theta);

/// Draws theta from its prior, but for what `given` fixes (`b[x] = 1.5`; `b = 0` for all of it).
/// Group effects that are not given are drawn from the population as it is then.
class KnownTruth {
 public:
  /// Throws UsageError for a name that is none (with the nearest) or a value it cannot have;
  /// InputError for priors that cannot be drawn from, or that are scaled by a sigma that is given.
  KnownTruth(Model& model, const Design& design, const Priors& priors,
             std::span<const std::string> given);

  void draw(VectorRef theta, Rng& rng) const;

 private:
  void fix(VectorRef theta) const;
  void fix_coefficients(const PredictorDesign& design, VectorRef theta, bool working) const;
  void fix_covariance(const PredictorDesign& design, std::size_t grouping, VectorRef theta) const;
  void fix_cuts(VectorRef theta) const;

  Model& model_;
  const Design& design_;
  const Priors& priors_;
  std::map<Eigen::Index, double> given_;  // by place in theta
};

}  // namespace tarn::launcher
