// The density of the marginal parameters, and a chain's place in it.
#pragma once

#include <cstdint>

#include <tarn/model.hpp>
#include <tarn/target.hpp>

namespace tarn::collapsed {

/// The marginal parameters on both scales, and their density.
struct Place {
  Vector natural;
  Vector free;
  double log_marginal;  // of the natural values
  double log_density;   // of the free ones: with the Jacobian
};

class MarginalDensity {
 public:
  explicit MarginalDensity(Model& model);

  const Target& target() const noexcept { return target_; }
  Eigen::Index size() const noexcept { return target_.size(); }  // of the free coordinates

  /// A place to begin with, which is none.
  Place unset_place() const;

  /// Fills in what follows from `place.free`.
  void evaluate(Place& place);

  /// The place of these natural values. What follows from them alone, never from how the chain came
  /// there; `place` spares the evaluation where it is there already.
  void locate(ConstVectorRef natural, Place& place);

  /// Evaluations so far.
  std::uint64_t evaluations() const noexcept { return evaluations_; }

 private:
  Collapsed& collapsed_;
  Target target_;
  std::uint64_t evaluations_ = 0;
};

}  // namespace tarn::collapsed
