// The rows that a likelihood without a closed form reads: level by level, equal rows merged.
#pragma once

#include <cstdint>
#include <vector>

#include "tarn/design.hpp"

namespace tarn::regression {

/// Rows of whole levels of the design's first grouping, about a thousand; a larger level is a block
/// by itself. Levels of one piece of random streams (NormalPieces) are never in a block with those
/// of another.
struct RowBlock {
  std::size_t number = 0;           // of the block
  Rows rows;                        // their `frequency` counts equal rows
  std::vector<std::int32_t> level;  // that have rows here, ascending
  std::vector<Eigen::Index> first;  // row of each, and the end

  std::size_t groups() const noexcept { return level.size(); }
};

/// All rows of a design. Rows that agree in all that a model reads are one row, counted as often
/// as they occur.
struct RowBlocks {
  explicit RowBlocks(const Design& design);

  std::vector<RowBlock> all;
  std::size_t merged = 0;  // rows that were left after merging
};

/// Of rows whose levels of the grouping lie side by side.
RowBlock one_block(std::size_t number, Rows rows, std::size_t grouping);

}  // namespace tarn::regression
