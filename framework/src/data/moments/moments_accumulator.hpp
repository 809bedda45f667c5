// The moments of all rows, from blocks that are seen once.
#pragma once

#include <memory>

#include "data/moments/row_counts.hpp"
#include "data/moments/row_reflector.hpp"
#include "data/moments/tree_accumulator.hpp"
#include "tarn/moments.hpp"

namespace tarn {

/// The factor of the rows of a leaf, times the roots of their weights.
class MomentsLeaf {
 public:
  struct Node {
    RowCounts counts;
    TriangularFactor factor;

    void merge(Node&& right) {
      counts.merge(right.counts);
      factor.add(right.factor);
    }
  };

  MomentsLeaf(Eigen::Index columns, bool known_errors);
  void add(const Rows& rows, Eigen::Index first, Eigen::Index count);
  Node node() const { return {counts_, rows_.factor()}; }
  void clear();

 private:
  bool known_errors_;
  RowCounts counts_;
  RowReflector rows_;
};

/// Blocks may be those of any leaves in any order, rows of one leaf in theirs; merge() takes what
/// was accumulated elsewhere. The bits are the same.
class MomentsAccumulator {
 public:
  explicit MomentsAccumulator(const Design& design);
  std::unique_ptr<MomentsAccumulator> without_rows() const;

  void clear() { tree_.clear(); }
  void add(const Rows& rows) { tree_.add(rows); }
  void merge(const MomentsAccumulator& other) { tree_.merge(other.tree_); }
  void move_leaves_to(MomentsAccumulator& whole) { tree_.move_leaves_to(whole.tree_); }
  Moments finish();

 private:
  MomentsAccumulator(Eigen::Index columns, bool known_errors);

  Eigen::Index columns_;
  bool known_errors_;
  TreeAccumulator<MomentsLeaf> tree_;
};

}  // namespace tarn
