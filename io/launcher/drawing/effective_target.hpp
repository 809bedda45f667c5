// When are there draws enough? The convergence diagnostic, asked while the run goes on.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tarn/layout.hpp"
#include "tarn/registry.hpp"
#include "tarn/runtime.hpp"

namespace tarn::launcher {

/// Asks at numbers of draws that follow from the draws alone, so a seed stops at the same draw on
/// any number of threads. Judges what the summary judges; holds these draws in memory.
class EffectiveTarget {
 public:
  /// `effective`: what every parameter's bulk and tail must be worth.
  EffectiveTarget(const Registry& registry, const Layout& layout, const RunPlan& plan,
                  std::size_t effective);

  /// In order within each chain, from its first draw on.
  void add(const DrawBatch& batch);

  /// Draws of each chain that were enough; nothing before.
  std::optional<std::size_t> reached() const noexcept { return reached_; }

 private:
  double least_effective() const;

  const Registry& registry_;
  const std::size_t effective_, most_;
  Layout layout_;                            // of the blocks that are judged
  std::vector<std::size_t> rows_;            // their elements in theta
  std::vector<std::vector<double>> chains_;  // draw after draw of those
  std::size_t next_;                         // draws of each chain at which it asks again
  std::optional<std::size_t> reached_;
};

}  // namespace tarn::launcher
