// Runs of rows: parts of them, put together again, and their places in the data.
#define BOOST_TEST_MODULE rows
#include <boost/test/unit_test.hpp>

#include "tarn/rows.hpp"

namespace {

using tarn::Rows;

/// Row i has i in all of its parts.
Rows numbered(Eigen::Index n) {
  Rows rows;
  rows.y = tarn::Vector::LinSpaced(n, 0, static_cast<double>(n - 1));
  rows.X = rows.y.replicate(1, 2);
  rows.offset = rows.trials = rows.frequency = rows.weight = rows.y;
  rows.Z = {rows.y, rows.X};
  rows.level.resize(2);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (auto& level : rows.level) level.push_back(static_cast<std::int32_t>(i));
  }
  return rows;
}

/// A source that leaves it to others to number its blocks.
class Source final : public tarn::RowSource {
 public:
  explicit Source(Rows rows) : rows_(std::move(rows)) {}
  std::size_t count() const noexcept override { return rows_.count(); }
  void read(std::size_t first, std::size_t count, Rows& into) const override {
    into = rows_.middle(first, count);
    into.first = 0;
  }

 private:
  Rows rows_;
};

void check(const Rows& rows, const std::vector<std::size_t>& numbers) {
  BOOST_REQUIRE(rows.count() == numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    const auto value = static_cast<double>(numbers[i]);
    for (const double x :
         {rows.X(at, 0), rows.X(at, 1), rows.y[at], rows.offset[at], rows.trials[at],
          rows.frequency[at], rows.weight[at], rows.Z[0](at, 0), rows.Z[1](at, 1)}) {
      BOOST_TEST(x == value);
    }
    BOOST_TEST(rows.level[0][i] == static_cast<std::int32_t>(numbers[i]));
    BOOST_TEST(rows.level[1][i] == static_cast<std::int32_t>(numbers[i]));
    BOOST_TEST(rows.place_in_data(i) == numbers[i]);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(parts_hold_what_the_rows_held_and_know_their_places) {
  const Rows all = numbered(7);
  check(all, {0, 1, 2, 3, 4, 5, 6});
  check(all.middle(2, 3), {2, 3, 4});
  check(all.middle(2, 3).middle(1, 2), {3, 4});
  check(all.select(std::vector<std::size_t>{5, 0, 5}), {5, 0, 5});
  check(all.middle(1, 5).select(std::vector<std::size_t>{4, 1}), {5, 2});
}

BOOST_AUTO_TEST_CASE(appended_rows_keep_their_places_named_or_not) {
  const Rows all = numbered(7);
  Rows some;
  some.append(all.middle(4, 2));
  check(some, {4, 5});
  some.append(all.middle(0, 1));
  check(some, {4, 5, 0});
  some.append(all.select(std::vector<std::size_t>{6, 3}));
  check(some, {4, 5, 0, 6, 3});
  some.append(all.middle(1, 2));
  check(some, {4, 5, 0, 6, 3, 1, 2});
}

BOOST_AUTO_TEST_CASE(parts_that_are_not_there_stay_away) {
  Rows plain = numbered(4);
  plain.offset.resize(0);
  plain.trials.resize(0);
  Rows some = plain.select(std::vector<std::size_t>{3, 1});
  some.append(plain.middle(0, 2));
  BOOST_TEST(some.offset.size() == 0);
  BOOST_TEST(some.trials.size() == 0);
  BOOST_TEST((some.less_offset() == some.y));
}

BOOST_AUTO_TEST_CASE(blocks_hold_all_rows_once_in_their_order) {
  const Source source(numbered(10));
  for (const std::size_t at_once : {1, 3, 10, 99}) {
    std::vector<std::size_t> places, lengths;
    tarn::for_each_block(source, at_once, [&](Rows& block) {
      BOOST_TEST(block.first == places.size());
      for (std::size_t i = 0; i < block.count(); ++i) {
        BOOST_TEST(block.y[tarn::as_index(i)] == numbered(10).y[tarn::as_index(block.first + i)]);
        places.push_back(block.first + i);
      }
      lengths.push_back(block.count());
      block = {};  // it is the visitor's
    });
    BOOST_TEST(places.size() == 10u);
    for (const std::size_t length : lengths) BOOST_TEST(length <= at_once);
  }
  std::vector<std::size_t> firsts;
  tarn::for_each_block(source, 2, 9, 3, [&](const Rows& block) { firsts.push_back(block.first); });
  BOOST_TEST(firsts == (std::vector<std::size_t>{2, 5, 8}), boost::test_tools::per_element());
  tarn::for_each_block(source, 4, 4, 3, [&](const Rows&) { BOOST_TEST(false); });
}
