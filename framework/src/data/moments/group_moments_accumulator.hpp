// The moments within and between the levels of a factor, from blocks of rows that are seen once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/moments/exact_sums.hpp"
#include "data/moments/level_slots.hpp"
#include "data/moments/row_counts.hpp"
#include "data/moments/row_reflector.hpp"
#include "data/moments/tree_accumulator.hpp"
#include "tarn/moments.hpp"

namespace tarn {

/// Means of the levels that occur in some of the rows, and the factor of the rows less their
/// level's mean. Nothing is subtracted from a sum of squares: n rows with the mean m and one more
/// row d of weight w have
///   sum (d_i - mean)(d_i - mean)' = [that of the n rows] + n w / (n + w) (d - m)(d - m)',
/// and likewise for the means of two parts (Chan, Golub & LeVeque 1983), so that every row but the
/// first of its level is reflected into the factor as sqrt(n w / (n + w)) (d - m).
struct GroupMomentsNode {
  RowCounts counts;
  TriangularFactor within;
  std::vector<std::int32_t> level;  // ascending
  std::vector<double> weight;       // n_j
  RowMatrix mean;                   // dbar_j', one below the other

  void merge(GroupMomentsNode&& right);
};

/// Rows of one leaf, and the exact sums of all leaves.
class GroupMomentsLeaf {
 public:
  using Node = GroupMomentsNode;

  GroupMomentsLeaf(std::size_t grouping, std::size_t levels, Eigen::Index columns,
                   bool known_errors);
  void add(const Rows& rows, Eigen::Index first, Eigen::Index count);
  Node node() const;
  void clear();  // all but sums()

  ExactSums& sums() { return sums_; }  // of w_i d_i, and, last, of w_i
  const ExactSums& sums() const { return sums_; }

 private:
  void add_block(const Rows& rows, Eigen::Index first, Eigen::Index count);
  std::size_t find(std::int32_t level);
  void prefetch(std::size_t slot) const;
  void update(std::size_t slot, double share, double root, const double* row);

  std::size_t grouping_;
  Eigen::Index columns_;
  bool known_errors_;
  RowCounts counts_;
  RowReflector within_;
  LevelSlots slots_;
  std::vector<double> weight_;  // by slot
  Aligned<double> mean_;        // by slot, as many as sums_ are wide
  ExactSums sums_;
  RowMatrix block_;                // rows (d_i', 1, 0)
  std::vector<std::size_t> slot_;  // of each row of the block,
  Eigen::ArrayXd before_;          // the weight of its level before it,
  Eigen::ArrayXd share_;           // w / (n + w)
  Eigen::ArrayXd root_;            // and sqrt(n w / (n + w))
  std::vector<double> deviation_;  // of a row from its mean
};

/// See MomentsAccumulator. Weights and means of the levels come from exact sums: they have the same
/// bits wherever the data are cut and in whatever order their rows come. The factor has the same
/// bits for the same leaves.
class GroupMomentsAccumulator {
 public:
  GroupMomentsAccumulator(const Design& design, std::size_t grouping);
  std::unique_ptr<GroupMomentsAccumulator> without_rows() const;

  void clear();
  void add(const Rows& rows);
  void merge(const GroupMomentsAccumulator& other);
  void move_leaves_to(GroupMomentsAccumulator& whole) { tree_.move_leaves_to(whole.tree_); }

  struct Result {
    GroupMoments groups;
    Moments total;
  };
  Result finish();

 private:
  struct Shape {
    std::size_t grouping;
    std::size_t levels;
    Eigen::Index columns;
    bool known_errors;
  };
  explicit GroupMomentsAccumulator(const Shape& shape);
  void expect(const Rows& rows);
  void expect(const Vector& magnitude);

  Shape shape_;
  Vector magnitude_;  // of what is summed, empty before the first rows
  TreeAccumulator<GroupMomentsLeaf> tree_;
};

}  // namespace tarn
