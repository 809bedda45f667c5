// The log likelihood of rows or of whole groups in every draw, recomputed a block at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tarn/diagnostic.hpp"
#include "tarn/draws.hpp"
#include "tarn/model.hpp"

namespace tarn {

/// Whatever rows x draws are, a block of units x draws takes some 100 MB. All draws are kept in
/// memory where they take at most 500 MB; else they are read anew for each block.
class LogLikelihood {
 public:
  /// `kept_bytes`: of draws at most, to be kept in memory.
  explicit LogLikelihood(const Fit& fit, double kept_bytes = 5e8);

  std::size_t threads() const noexcept { return models_.size(); }

  /// Called for every unit, by several threads at once: one unit's log likelihood, all draws of
  /// chain 0 first.
  using Visit =
      std::function<void(std::size_t thread, std::size_t unit, const Eigen::ArrayXd& by_draw)>;

  void of_rows(const Visit& visit);

  /// The same by blocks of rows, the first of them `first`: rows x draws.
  void row_blocks(const std::function<void(std::size_t first, ConstMatrixRef block)>& visit);

  /// Levels of a grouping: with their effects integrated out where the model can, else the sum over
  /// the rows. Those without rows are passed over.
  void of_levels(std::size_t grouping, const Visit& visit);

  /// Whether a model integrates out the effects of this grouping.
  bool integrates(std::size_t grouping);

  /// Rows given the other rows of their level, whose effects are integrated out.
  struct GivenLevel {
    std::size_t grouping;
    std::size_t step;   // every so many-th draw of each chain is asked, from the first on
    std::size_t draws;  // of each chain
  };

  /// How, where a model can; draws are passed over where rows are so many that to ask all of them
  /// takes long.
  std::optional<GivenLevel> given_level();
  void of_rows(const GivenLevel& given, const Visit& visit);

 private:
  using Evaluate = std::function<void(Model& model, ConstVectorRef theta, VectorRef by_unit)>;

  void fill(std::size_t units, const Evaluate& evaluate, std::size_t step = 1);
  void fill_rows(std::size_t first, std::size_t count);
  void visit_units(const std::vector<std::size_t>& units, const Visit& visit) const;
  std::size_t units_at_once() const;

  const Fit& fit_;
  std::vector<std::unique_ptr<Model>> models_;  // one for each thread
  DrawRuns draws_;
  Matrix block_;  // units x draws
  Rows rows_;
};

}  // namespace tarn
