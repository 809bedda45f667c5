// Statistics of rows, accumulated by leaves of a fixed number of rows and merged in a fixed tree.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

#include "data/moments/merge_tree.hpp"
#include "tarn/design.hpp"

namespace tarn {

/// Leaf k is rows k leaf_rows to (k + 1) leaf_rows - 1. What is computed depends on this number, so
/// it never changes within a release. Shorter leaves are merged more often, longer ones leave
/// threads idle: docs/decisions/0014.
inline constexpr std::size_t leaf_rows = 131'072;

/// Feeds blocks of rows to a leaf, and what leaves become to a tree. `Leaf` has a type `Node`,
/// `void add(const Rows&, Eigen::Index first, Eigen::Index count)`, which must give the same bits
/// for any blocks, `Node node() const` and `void clear()`.
template <class Leaf>
class TreeAccumulator {
 public:
  using Node = typename Leaf::Node;

  explicit TreeAccumulator(Leaf leaf) : leaf_(std::move(leaf)) {}

  Leaf& leaf() { return leaf_; }
  const Leaf& leaf() const { return leaf_; }

  void clear() {
    leaf_.clear();
    tree_.clear();
    next_ = 0;
    short_leaf_.reset();
  }

  /// A block that goes on where the last one ended, or begins at another leaf.
  void add(const Rows& rows) {
    for (std::size_t at = 0; at < rows.count();) {
      const std::size_t row = rows.first + at;
      if (is_open() ? row != next_ : row % leaf_rows != 0) {
        throw std::logic_error("rows of a leaf were left out or came out of their order");
      }
      const std::size_t count = std::min(rows.count() - at, leaf_rows - row % leaf_rows);
      leaf_.add(rows, static_cast<Eigen::Index>(at), static_cast<Eigen::Index>(count));
      at += count;
      next_ = row + count;
      if (!is_open()) put_leaf(row / leaf_rows);
    }
  }

  /// Moves all full leaves to `whole`: several threads may do so at once.
  void move_leaves_to(TreeAccumulator& whole) { whole.tree_.take(tree_); }

  /// Other rows of the same data.
  void merge(const TreeAccumulator& other) {
    tree_.merge(other.tree_);
    if (other.short_leaf_) set_short(*other.short_leaf_);
    if (!other.is_open()) return;
    set_short(other.next_ / leaf_rows);
    tree_.add(*short_leaf_, other.leaf_.node());
  }

  /// The node of all rows, from the first to the last; nothing without rows.
  std::optional<Node> root() {
    close();
    if (tree_.empty()) return std::nullopt;
    const std::size_t leaves = tree_.leaves();
    if (short_leaf_ && *short_leaf_ + 1 != leaves) {
      throw std::logic_error("only the last leaf may be short of rows");
    }
    return tree_.root();
  }

 private:
  bool is_open() const { return next_ % leaf_rows != 0; }

  /// The last leaf of all may be short of rows.
  void close() {
    if (!is_open()) return;
    set_short(next_ / leaf_rows);
    put_leaf(*short_leaf_);
    next_ = 0;
  }

  void put_leaf(std::size_t number) {
    tree_.add(number, leaf_.node());
    leaf_.clear();
  }

  void set_short(std::size_t leaf) {
    const bool other_is_open = is_open() && next_ / leaf_rows != leaf;
    if (short_leaf_ || other_is_open) {
      throw std::logic_error("only the last leaf may be short of rows");
    }
    short_leaf_ = leaf;
  }

  Leaf leaf_;
  std::size_t next_ = 0;  // the row after the last; the leaf is open unless it begins one
  std::optional<std::size_t> short_leaf_;
  MergeTree<Node> tree_;
};

}  // namespace tarn
