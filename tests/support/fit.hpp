// One fit in memory, with the figures of the convergence diagnostic.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/diagnostic.hpp"
#include "tarn/registry.hpp"
#include "tarn/runtime.hpp"

namespace tarn::test {

/// The plugins of the build.
const Registry& registry();

struct FitOptions {
  std::string model = "random_intercept";
  std::string sampler = "gibbs";
  std::vector<std::string> priors = {};
  std::vector<std::string> settings = {};  // of the sampler
  RunPlan plan = {.chains = 4, .warmup = 500, .draws = 2500, .seed = 1};
};

/// Draws in memory. Rows: all draws of chain 0, then of chain 1, ...; columns: elements of theta.
class MemoryDraws final : public Draws, public DrawSink {
 public:
  MemoryDraws(Layout layout, std::size_t chains, std::size_t draws);

  /// Where the statistics of the same draws are kept, if anywhere.
  void keep_statistics(MemoryDraws& statistics) { statistics_ = &statistics; }

  void write(const DrawBatch& batch) override;

  std::size_t chains() const noexcept override { return chains_; }
  std::size_t draws() const noexcept override { return draws_; }
  const Layout& layout() const noexcept override { return layout_; }
  void read(std::size_t block, std::size_t first, MatrixRef into) const override;
  void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const override;

  const Matrix& values() const noexcept { return values_; }

 private:
  Layout layout_;
  std::size_t chains_;
  std::size_t draws_;
  Matrix values_;
  MemoryDraws* statistics_ = nullptr;
};

/// A fit and its table `parameters`.
struct Fitted {
  MemoryDraws draws;
  ReportTable table;
  RunOutcome outcome;
  std::vector<Finding> findings = {};  // of the convergence diagnostic

  /// Whether a user would take the draws.
  bool called_good() const;
  double at(std::string_view parameter, std::string_view column) const;
  Vector column(std::string_view parameter) const;  // all draws of one parameter
};

Fitted fit(const Design& design, const FitOptions& options);

/// Figures of further quantities, one per column of `values` (rows as in MemoryDraws).
ReportTable summarise(const Matrix& values, const std::vector<std::string>& names,
                      std::size_t chains);

}  // namespace tarn::test
