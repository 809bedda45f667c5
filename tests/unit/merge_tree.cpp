// Leaves are merged in one order, whatever order they come in.
#define BOOST_TEST_MODULE merge_tree
#include "data/moments/merge_tree.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tarn/parallel_for.hpp"
#include "tarn/rng.hpp"

namespace {

using namespace tarn;

/// Writes down how it came about.
struct Written {
  std::string text;

  void merge(Written&& right) { text = "(" + text + right.text + ")"; }
};

using Tree = MergeTree<Written>;

void add(std::size_t leaf, Tree& tree) {
  tree.add(leaf, {std::string(1, "abcdefghijklmnopqrstuvwxyz"[leaf])});
}

std::vector<std::size_t> shuffled(std::size_t leaves, Rng& rng) {
  std::vector<std::size_t> order(leaves);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), rng);
  return order;
}

std::string in_order(std::size_t leaves) {
  Tree tree;
  for (std::size_t leaf = 0; leaf < leaves; ++leaf) add(leaf, tree);
  return tree.root().text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pairs_are_merged_and_an_odd_one_passes_up) {
  BOOST_TEST(in_order(1) == "a");
  BOOST_TEST(in_order(2) == "(ab)");
  BOOST_TEST(in_order(3) == "((ab)c)");
  BOOST_TEST(in_order(5) == "(((ab)(cd))e)");
  BOOST_TEST(in_order(7) == "(((ab)(cd))((ef)g))");
  BOOST_TEST(in_order(11) == "((((ab)(cd))((ef)(gh)))((ij)k))");
}

BOOST_AUTO_TEST_CASE(any_order_any_shards_and_any_threads_give_the_same_tree) {
  Rng rng({43, 0, Purpose::test});
  for (std::size_t leaves = 1; leaves <= 26; ++leaves) {
    const std::string expected = in_order(leaves);
    for (int repeat = 0; repeat < 10; ++repeat) {
      std::vector<Tree> shards(1 + rng.bits() % 4);
      for (const std::size_t leaf : shuffled(leaves, rng)) {
        add(leaf, shards[rng.bits() % shards.size()]);
      }
      Tree whole;
      for (const Tree& shard : shards) whole.merge(shard);
      BOOST_TEST(whole.leaves() == leaves);
      BOOST_TEST(whole.root().text == expected);

      Tree shared;
      const std::vector<std::size_t> order = shuffled(leaves, rng);
      parallel_for(leaves, 4, [&](std::size_t i, std::size_t) { add(order[i], shared); });
      BOOST_TEST(shared.root().text == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(leaves_that_are_missing_or_come_twice_are_errors) {
  const auto says = [](const std::string& sentence) {
    return [sentence](const std::logic_error& error) { return error.what() == sentence; };
  };
  Tree tree;
  add(0, tree);
  add(2, tree);
  BOOST_CHECK_EXCEPTION(tree.root(), std::logic_error, says("a leaf of the tree is missing"));
  BOOST_CHECK_EXCEPTION(add(2, tree), std::logic_error, says("a leaf of the tree was added twice"));
  add(1, tree);
  add(3, tree);
  BOOST_TEST(tree.root().text == "((ab)(cd))");
  BOOST_CHECK_EXCEPTION(add(1, tree), std::logic_error, says("a leaf of the tree was added twice"));
  Tree other;
  add(3, other);
  BOOST_CHECK_EXCEPTION(other.merge(tree), std::logic_error,
                        says("a leaf of the tree was added twice"));
}
