// Statistics of rows do not depend on blocks, shards or threads, and keep the digits of the data.
#define BOOST_TEST_MODULE accumulators
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "data/moments/group_factors_accumulator.hpp"
#include "data/moments/group_moments_accumulator.hpp"
#include "data/moments/moments_accumulator.hpp"
#include "data/passes.hpp"
#include "matrix_rows.hpp"
#include "tarn/rng.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Some levels in every leaf, some in a few, some in one, one in none.
Design made_up(Eigen::Index n, std::uint64_t seed = 51) {
  Rng rng({seed, 0, Purpose::test});
  Data data{Matrix(n, 2), Vector(n)};
  data.slopes = Matrix(n, 1);
  data.frequency = Vector(n);
  data.se = Vector(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    data.level.push_back(static_cast<std::int32_t>(300 * std::pow(rng.uniform(), 4)) +
                         static_cast<std::int32_t>(300 * (i / 100'000)));
    data.X.row(i) << rng.normal(), 100 + rng.normal();
    data.slopes(i, 0) = rng.normal();
    data.y[i] = 1e3 + rng.normal();
    data.frequency[i] = rng.uniform();
    data.se[i] = 0.5 + rng.uniform();
  }
  Design design = design_of(data);
  design.groupings[0].levels.emplace_back("of no row");
  return design;
}

std::vector<Matrix> parts(MomentsAccumulator& all) {
  const Moments moments = all.finish();
  return {moments.factor, Eigen::Vector2d(moments.rows, moments.log_weight)};
}

std::vector<Matrix> parts(GroupMomentsAccumulator& all) {
  const auto [groups, total] = all.finish();
  return {groups.weight, groups.mean, groups.within, total.factor,
          Eigen::Vector2d(total.rows, total.log_weight)};
}

std::vector<Matrix> parts(GroupFactorsAccumulator& all) {
  const GroupFactors groups = all.finish();
  return {groups.R, groups.T, groups.rest};
}

template <class Accumulator>
void add_rows(const RowSource& rows, std::size_t first, std::size_t last, Rng& rng,
              Accumulator& into) {
  Rows block;
  while (first < last) {
    const std::size_t longest = std::size_t{1} << (rng.bits() % 18);
    const std::size_t count = std::min(last - first, 1 + rng.bits() % longest);
    rows.read(first, count, block);
    into.add(block);
    first += count;
  }
}

/// Any blocks in any order of the leaves, on any number of shards.
template <class Accumulator>
std::vector<Matrix> at_random(const Design& design, const Accumulator& empty, Rng& rng) {
  const std::size_t n = design.rows->count();
  std::vector<std::size_t> leaves((n + leaf_rows - 1) / leaf_rows);
  std::iota(leaves.begin(), leaves.end(), 0);
  std::shuffle(leaves.begin(), leaves.end(), rng);
  std::vector<std::unique_ptr<Accumulator>> shards(1 + rng.bits() % 3);
  for (auto& shard : shards) shard = empty.without_rows();
  // The last leaf may be short of rows, so its shard gets no rows after it.
  const auto short_one = std::ranges::find(leaves, leaves.size() - 1);
  std::iter_swap(short_one, leaves.end() - 1);
  for (const std::size_t leaf : leaves) {
    add_rows(*design.rows, leaf * leaf_rows, std::min(n, (leaf + 1) * leaf_rows), rng,
             *shards[rng.bits() % shards.size()]);
  }
  const auto whole = empty.without_rows();
  for (const auto& shard : shards) whole->merge(*shard);
  return parts(*whole);
}

template <class Accumulator, class... Grouping>
void same_bits_however_cut(Grouping... grouping) {
  const Design design = made_up(4 * static_cast<Eigen::Index>(leaf_rows) + 777);
  Accumulator one(design, grouping...);
  accumulate(*design.rows, 1, one);
  const std::vector<Matrix> expected = parts(one);
  for (const std::size_t threads : {2, 3, 7}) {
    Accumulator all(design, grouping...);
    accumulate(*design.rows, threads, all);
    BOOST_TEST((parts(all) == expected));
  }
  Rng rng({52, 0, Purpose::test});
  const Accumulator empty(design, grouping...);
  for (int repeat = 0; repeat < 6; ++repeat) {
    BOOST_TEST((at_random(design, empty, rng) == expected));
  }
  Rng again({53, 0, Purpose::test});
  one.clear();
  add_rows(*design.rows, 0, design.rows->count(), again, one);
  BOOST_TEST((parts(one) == expected));
}

/// Sum of weighted squares within levels, in long double and two passes.
double within_sd(const Rows& rows) {
  const auto levels = static_cast<std::size_t>(std::ranges::max(rows.level[0])) + 1;
  std::vector<long double> weight(levels), mean(levels);
  const auto n = static_cast<std::size_t>(rows.y.size());
  long double total = 0;
  const auto w = [&](std::size_t i) { return rows.weight[static_cast<Eigen::Index>(i)]; };
  const auto y = [&](std::size_t i) { return rows.y[static_cast<Eigen::Index>(i)]; };
  const auto j = [&](std::size_t i) { return static_cast<std::size_t>(rows.level[0][i]); };
  for (std::size_t i = 0; i < n; ++i) weight[j(i)] += w(i);
  for (std::size_t i = 0; i < n; ++i) mean[j(i)] += w(i) * (long double)y(i) / weight[j(i)];
  long double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    squares += w(i) * (y(i) - mean[j(i)]) * (y(i) - mean[j(i)]);
    total += w(i);
  }
  return static_cast<double>(std::sqrt(squares / total));
}

/// Rows of sd 1 within 1000 levels that are `apart` from each other, all `offset` from 0.
Design far_apart(double apart, double offset, double weight) {
  const Eigen::Index n = 3 * static_cast<Eigen::Index>(leaf_rows);
  Rng rng({54, 0, Purpose::test});
  Vector level(1000);
  for (double& x : level) x = offset + apart * rng.normal();
  Data data{Matrix(n, 0), Vector(n)};
  data.frequency = Vector::Constant(n, weight);
  for (Eigen::Index i = 0; i < n; ++i) {
    data.level.push_back(static_cast<std::int32_t>(rng.bits() % 1000));
    data.y[i] = level[data.level.back()] + rng.normal();
  }
  return design_of(data);
}

void keeps_sigma(const Design& design, double tolerance) {
  const Rows rows = design.all_rows();
  const double found =
      std::abs(design.group_moments(0).within(1, 1)) / std::sqrt(rows.weight.sum());
  BOOST_TEST(std::abs(found / within_sd(rows) - 1) < tolerance);
}

auto says(const std::string& sentence) {
  return [sentence](const std::logic_error& error) { return error.what() == sentence; };
}

}  // namespace

BOOST_AUTO_TEST_CASE(moments_have_the_same_bits_however_the_rows_are_cut) {
  same_bits_however_cut<MomentsAccumulator>();
}

BOOST_AUTO_TEST_CASE(moments_by_group_have_the_same_bits_however_the_rows_are_cut) {
  same_bits_however_cut<GroupMomentsAccumulator>(std::size_t{0});
}

BOOST_AUTO_TEST_CASE(triangles_by_group_have_the_same_bits_however_the_rows_are_cut) {
  same_bits_however_cut<GroupFactorsAccumulator>(std::size_t{0});
}

BOOST_AUTO_TEST_CASE(leaves_give_the_cross_products_of_all_rows) {
  const Design design = made_up(2 * static_cast<Eigen::Index>(leaf_rows) + 50);
  const Rows rows = design.all_rows();
  Matrix d(rows.y.size(), rows.X.cols() + 1);
  d << rows.X, rows.y;
  const Matrix expected = d.transpose() * rows.weight.asDiagonal() * d;
  const GroupMoments& groups = design.group_moments(0);
  const GroupFactors& factors = design.group_factors(0);
  const auto squares = [](const Matrix& R) { return Matrix(R.transpose() * R); };
  // 1e5 rows: rounding errors of sums add up to 1e5 x 1e-16 of the largest at most.
  const auto equal = [&](const Matrix& found) {
    BOOST_TEST((found - expected).cwiseAbs().maxCoeff() < 1e-11 * expected.cwiseAbs().maxCoeff());
  };
  equal(squares(design.moments().factor));
  equal(squares(groups.within) +
        groups.mean * groups.weight.asDiagonal() * groups.mean.transpose());
  equal(squares(factors.rest) + squares(factors.T));
  BOOST_TEST(std::abs(design.moments().rows - rows.frequency.sum()) < 1e-11 * rows.frequency.sum());
  const Eigen::ArrayXd log_se = (rows.frequency.array() / rows.weight.array()).log() / 2;
  const double log_weight = -(rows.frequency.array() * log_se).sum();
  BOOST_TEST(std::abs(design.moments().log_weight - log_weight) < 1e-10 * std::abs(log_weight));
}

BOOST_AUTO_TEST_CASE(sums_of_groups_have_the_same_bits_in_any_order_of_the_rows) {
  const Design design = made_up(static_cast<Eigen::Index>(leaf_rows) + 30'000);
  const GroupMoments& expected = design.group_moments(0);
  const std::size_t n = design.rows->count();
  Rng rng({55, 0, Purpose::test});
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), rng);
    const Design shuffled =
        design.with_rows(std::make_shared<MatrixRows>(gathered(*design.rows, order)));
    const GroupMoments& found = shuffled.group_moments(0);
    BOOST_TEST((found.weight == expected.weight));
    BOOST_TEST((found.mean == expected.mean));
  }
}

BOOST_AUTO_TEST_CASE(six_digits_of_sigma_are_kept_where_groups_are_a_million_sds_apart) {
  // y has 16 digits, of which 6 go for the place of the level, and 1 for 1e6 and its sd.
  keeps_sigma(far_apart(1e6, 0, 1), 1e-8);
}

BOOST_AUTO_TEST_CASE(six_digits_of_sigma_are_kept_at_an_offset_of_1e8) {
  keeps_sigma(far_apart(1, 1e8, 1), 1e-6);
  keeps_sigma(far_apart(1e6, 1e8, 1), 1e-6);
}

BOOST_AUTO_TEST_CASE(six_digits_of_sigma_are_kept_where_weights_add_up_to_1e8_rows) {
  keeps_sigma(far_apart(1e6, 1e8, 1e8 / (3.0 * leaf_rows)), 1e-6);
}

BOOST_AUTO_TEST_CASE(levels_without_rows_have_no_weight_and_spoil_nothing) {
  const Design design = made_up(500);
  std::vector<std::size_t> numbers;
  const Rows rows = design.all_rows();
  for (std::size_t i = 0; i < rows.count(); ++i) {
    if (rows.level[0][i] != 0) numbers.push_back(i);
  }
  const Design some = design.with_only(numbers);
  const GroupMoments& groups = some.group_moments(0);
  for (const Eigen::Index j : {Eigen::Index{0}, groups.weight.size() - 1}) {
    BOOST_TEST(groups.weight[j] == 0);
    BOOST_TEST(groups.mean.col(j).norm() == 0);
  }
  const Rows left = some.all_rows();
  const double squares = (left.weight.array() * left.y.array().square()).sum();
  // Of the response's column, as in the test of cross-products.
  BOOST_TEST(std::abs(some.moments().factor.col(3).squaredNorm() / squares - 1) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_levels_of_few_rows_are_merged) {
  const Eigen::Index n = 3 * static_cast<Eigen::Index>(leaf_rows);
  Rng rng({56, 0, Purpose::test});
  Data data{Matrix(n, 1), Vector(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    data.level.push_back(static_cast<std::int32_t>(rng.bits() % 100'000));
    data.X(i, 0) = rng.normal();
    data.y[i] = 10 + rng.normal();
  }
  const Design design = design_of(data);
  const Rows rows = design.all_rows();
  // Intercepts alone: both statistics are the same.
  const GroupMoments& means = design.group_moments(0);
  const GroupFactors& factors = design.group_factors(0);
  for (Eigen::Index j = 0; j < means.weight.size(); j += 99) {
    const double root = std::sqrt(means.weight[j]);
    BOOST_TEST(std::abs(factors.R(j, 0) - root) < 1e-12 * (1 + root));
    BOOST_TEST((factors.T.row(j).transpose() - root * means.mean.col(j)).norm() < 1e-11);
  }
  const Matrix within = means.within.transpose() * means.within;
  const Matrix rest = factors.rest.transpose() * factors.rest;
  BOOST_TEST((within - rest).norm() < 1e-10 * rest.norm());
  BOOST_TEST(std::abs(std::sqrt(within(2, 2) / static_cast<double>(n)) / within_sd(rows) - 1) <
             1e-11);
}

BOOST_AUTO_TEST_CASE(without_rows_there_is_nothing) {
  const Design design = made_up(10);
  const std::unique_ptr<GroupMomentsAccumulator> none =
      GroupMomentsAccumulator(design, 0).without_rows();
  for (const Matrix& part : parts(*none)) BOOST_TEST(part.norm() == 0);
  GroupFactorsAccumulator factors(design, 0);
  for (const Matrix& part : parts(factors)) BOOST_TEST(part.norm() == 0);
  MomentsAccumulator all(design);
  for (const Matrix& part : parts(all)) BOOST_TEST(part.norm() == 0);
}

BOOST_AUTO_TEST_CASE(rows_that_are_missing_are_errors) {
  const Design design = made_up(2 * static_cast<Eigen::Index>(leaf_rows));
  const auto read = [&](std::size_t first, std::size_t count) {
    Rows rows;
    design.rows->read(first, count, rows);
    return rows;
  };
  MomentsAccumulator all(design);
  const std::string order = "rows of a leaf were left out or came out of their order";
  BOOST_CHECK_EXCEPTION(all.add(read(5, 10)), std::logic_error, says(order));
  all.add(read(0, 10));
  BOOST_CHECK_EXCEPTION(all.add(read(11, 10)), std::logic_error, says(order));
  all.add(read(10, 10));

  MomentsAccumulator second(design);
  second.add(read(leaf_rows, 100));
  const std::string last = "only the last leaf may be short of rows";
  BOOST_CHECK_EXCEPTION(all.merge(second), std::logic_error, says(last));

  MomentsAccumulator first(design);
  first.add(read(0, 10));
  MomentsAccumulator full(design);
  full.add(read(leaf_rows, leaf_rows));
  first.merge(full);
  BOOST_CHECK_EXCEPTION(first.finish(), std::logic_error, says(last));
}
