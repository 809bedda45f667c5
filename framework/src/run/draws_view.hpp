// Draws that lie in memory, as those of a file are read.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "tarn/draws.hpp"

namespace tarn {

/// All chains have as many draws; a column is a draw. What it shows must outlive it.
class DrawsView final : public Draws {
 public:
  using Chain = Eigen::Map<const Matrix>;

  DrawsView(const Layout& layout, std::vector<Chain> chains)
      : layout_(layout), chains_(std::move(chains)) {}

  std::size_t chains() const noexcept override { return chains_.size(); }
  std::size_t draws() const noexcept override { return as_size(chains_.front().cols()); }
  const Layout& layout() const noexcept override { return layout_; }

  void read(std::size_t block, std::size_t first, MatrixRef into) const override {
    const auto row = as_index(layout_.offset(block) + first);
    Eigen::Index at = 0;
    for (const Chain& chain : chains_) {
      into.middleRows(at, chain.cols()) = chain.middleRows(row, into.cols()).transpose();
      at += chain.cols();
    }
  }

  void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const override {
    into = chains_[chain].middleCols(as_index(first), into.cols());
  }

 private:
  const Layout& layout_;
  std::vector<Chain> chains_;
};

}  // namespace tarn
