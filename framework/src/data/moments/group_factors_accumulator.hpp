// The triangles of the levels of a factor, from blocks of rows that are seen once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/moments/level_slots.hpp"
#include "data/moments/row_reflector.hpp"
#include "data/moments/tree_accumulator.hpp"
#include "tarn/moments.hpp"

namespace tarn {

/// Triangles [R_j T_j] of some levels, q rows each, one below the other.
struct LevelTriangles {
  Eigen::Index q = 0;
  Eigen::Index columns = 0;  // of T
  std::vector<double> values;

  double* at(std::size_t place) { return values.data() + start(place); }
  const double* at(std::size_t place) const { return values.data() + start(place); }
  Eigen::Index start(std::size_t place) const {
    return static_cast<Eigen::Index>(place) * q * (q + columns);
  }

  /// Rotates a row [z d] into the triangle at `place` from row `first` on; what is left of it is in
  /// d, unless the triangle had room for all of it: then false.
  bool absorb(std::size_t place, double* row, Eigen::Index first = 0);
};

/// The triangles of the levels that occur in some of the rows, and the factor of what they leave.
struct GroupFactorsNode {
  TriangularFactor rest;
  std::vector<std::int32_t> level;  // ascending
  LevelTriangles triangles;

  void merge(GroupFactorsNode&& right);
};

/// Rows of one leaf.
class GroupFactorsLeaf {
 public:
  using Node = GroupFactorsNode;

  GroupFactorsLeaf(std::size_t grouping, std::vector<std::size_t> terms, std::size_t levels,
                   Eigen::Index q, Eigen::Index columns);
  void add(const Rows& rows, Eigen::Index first, Eigen::Index count);
  Node node() const;
  void clear();

 private:
  std::size_t grouping_;
  std::vector<std::size_t> terms_;  // whose columns are Z
  Vector row_;                      // [z d]
  RowReflector rest_;
  LevelSlots slots_;
  LevelTriangles triangles_;  // by slot
};

/// See MomentsAccumulator.
class GroupFactorsAccumulator {
 public:
  GroupFactorsAccumulator(const Design& design, std::size_t grouping);
  std::unique_ptr<GroupFactorsAccumulator> without_rows() const;

  void clear() { tree_.clear(); }
  void add(const Rows& rows) { tree_.add(rows); }
  void merge(const GroupFactorsAccumulator& other) { tree_.merge(other.tree_); }
  void move_leaves_to(GroupFactorsAccumulator& whole) { tree_.move_leaves_to(whole.tree_); }
  GroupFactors finish();

 private:
  struct Shape {
    std::size_t grouping;
    std::vector<std::size_t> terms;
    std::size_t levels;
    Eigen::Index q;
    Eigen::Index columns;
  };
  explicit GroupFactorsAccumulator(Shape shape);
  static Shape shape_of(const Design& design, std::size_t grouping);

  Shape shape_;
  TreeAccumulator<GroupFactorsLeaf> tree_;
};

}  // namespace tarn
