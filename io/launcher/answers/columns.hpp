// Derived quantities as draws: what `convergence` judges like any parameter.
#pragma once

#include <cstddef>
#include <utility>

#include "tarn/draws.hpp"
#include "tarn/layout.hpp"

namespace tarn::launcher {

/// Columns over all draws, those of chain 0 first, as a block of their own.
class ColumnDraws final : public Draws {
 public:
  ColumnDraws(Matrix columns, std::size_t chains);

  std::size_t chains() const noexcept override { return chains_; }
  std::size_t draws() const noexcept override { return as_size(columns_.rows()) / chains_; }
  const Layout& layout() const noexcept override { return layout_; }
  void read(std::size_t block, std::size_t first, MatrixRef into) const override;
  void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const override;

 private:
  Matrix columns_;
  std::size_t chains_;
  Layout layout_;
};

}  // namespace tarn::launcher
