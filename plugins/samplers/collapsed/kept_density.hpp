// The density of the kept parameters, and where a chain is in it.
#pragma once

#include <cstdint>

#include <tarn/model.hpp>
#include <tarn/target.hpp>

/// The kept parameters on both scales, and their density.
struct Place {
  tarn::Vector natural;
  tarn::Vector free;
  double log_marginal;  // of the natural values
  double log_density;   // of the free ones: with the Jacobian
};

class KeptDensity {
 public:
  explicit KeptDensity(tarn::Model& model);

  const tarn::Target& target() const noexcept { return target_; }
  Eigen::Index size() const noexcept { return target_.size(); }  // of the free coordinates

  /// A place to begin with, which is none.
  Place nowhere() const;

  /// Fills in what follows from `place.free`.
  void evaluate(Place& place);

  /// The place of these natural values. What follows from them alone, never from how the chain came
  /// there; `place` spares the evaluation where it is there already.
  void locate(tarn::ConstVectorRef natural, Place& place);

  /// Evaluations so far.
  std::uint64_t evaluations() const noexcept { return evaluations_; }

 private:
  tarn::Collapsed& collapsed_;
  tarn::Target target_;
  std::uint64_t evaluations_ = 0;
};
