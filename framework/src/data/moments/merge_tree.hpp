// A binary tree over numbered leaves whose nodes are merged in one order, whatever order they come
// in.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace tarn {

/// Nodes 2i and 2i + 1 of one height are merged into node i of the next, the left one first; at the
/// end of a row a node without a sibling passes up. So the shape depends on the number of leaves
/// alone. A node is kept only until its sibling is there: with leaves in their order that is one
/// for each height (a binary counter). `Node` has `void merge(Node&& right)`.
template <class Node>
class MergeTree {
 public:
  bool empty() const { return open_.empty(); }
  void clear() { open_.clear(); }

  /// Safe to call from several threads at once, which then merge side by side.
  void add(std::size_t leaf, Node node) { put({leaf, 0}, std::move(node)); }

  /// All nodes of another tree over the same numbers of leaves, which is empty afterwards.
  void take(MergeTree& other) {
    for (auto& [place, node] : other.open_) put(place, std::move(node));
    other.clear();
  }

  void merge(const MergeTree& other) {
    for (const auto& [place, node] : other.open_) put(place, node);
  }

  /// The number of leaves, all from 0 on being there.
  std::size_t leaves() const {
    std::size_t next = 0;
    for (const auto& [place, node] : open_) {
      if (place.first() != next) throw std::logic_error("a leaf of the tree is missing");
      next = place.last();
    }
    return next;
  }

  /// The root; not to be called without leaves.
  Node root() const {
    leaves();
    auto place = open_.rbegin();
    Node root = place->second;
    while (++place != open_.rend()) {
      Node left = place->second;
      left.merge(std::move(root));
      root = std::move(left);
    }
    return root;
  }

 private:
  /// Node `index` of those that hold 2^height leaves each.
  struct Place {
    std::size_t index;
    std::size_t height;

    std::size_t first() const { return index << height; }
    std::size_t last() const { return (index + 1) << height; }
    auto operator<=>(const Place& other) const { return first() <=> other.first(); }
  };

  void put(Place place, Node node) {
    require_new(place);
    while (true) {
      std::optional<Node> sibling = sibling_or_keep(place, node);
      if (!sibling) return;
      if (place.index % 2 == 1) {
        sibling->merge(std::move(node));
        node = std::move(*sibling);
      } else {
        node.merge(std::move(*sibling));
      }
      place = {place.index / 2, place.height + 1};
    }
  }

  void require_new(Place place) {
    const std::lock_guard lock(mutex_);
    auto next = open_.lower_bound(place);
    bool twice = next != open_.end() && next->first.first() < place.last();
    if (next != open_.begin()) twice |= std::prev(next)->first.last() > place.first();
    if (twice) throw std::logic_error("a leaf of the tree was added twice");
  }

  std::optional<Node> sibling_or_keep(Place place, Node& node) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find({place.index ^ 1, place.height});
    if (found == open_.end() || found->first.height != place.height) {
      open_.emplace(place, std::move(node));
      return std::nullopt;
    }
    std::optional<Node> sibling(std::move(found->second));
    open_.erase(found);
    return sibling;
  }

  std::map<Place, Node> open_;  // by their first leaf
  std::mutex mutex_;
};

}  // namespace tarn
