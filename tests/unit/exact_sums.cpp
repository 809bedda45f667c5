// Sums by group without rounding: the same bits in any order, and the double next to the sum.
#define BOOST_TEST_MODULE exact_sums
#include "data/moments/exact_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>

#include "tarn/rng.hpp"

namespace {

using namespace tarn;

// Wide enough for sums of doubles of any exponent.
using Real = boost::multiprecision::number<
    boost::multiprecision::cpp_bin_float<2400, boost::multiprecision::digit_base_2>>;

struct Values {
  std::size_t groups;
  std::vector<std::int32_t> group;
  std::vector<double> weight;
  std::vector<std::vector<double>> columns;
};

/// Columns of every kind: ordinary, with a large offset, of 60 decades, cancelling, huge, tiny.
Values values(std::size_t n, std::size_t groups) {
  Rng rng({41, 0, Purpose::test});
  Values all{groups, {}, {}, std::vector<std::vector<double>>(7)};
  for (std::size_t i = 0; i < n; ++i) {
    all.group.push_back(static_cast<std::int32_t>(rng.bits() % groups));
    all.weight.push_back(i % 3 == 0 ? 1 : rng.uniform());
    const double z = rng.normal();
    const double decades = std::pow(10, 60 * rng.uniform() - 30);
    const double row[] = {z,
                          1e8 + z,
                          z * decades,
                          i % 2 == 0 ? 1e16 * z : -1e16 * z,
                          1e300 * z,
                          5e-324 * std::round(9 * z),
                          i % 97 == 0 ? 1e25 : 1e-25};
    for (std::size_t k = 0; k < all.columns.size(); ++k) all.columns[k].push_back(row[k]);
  }
  return all;
}

void add(const Values& all, const std::vector<std::size_t>& rows, ExactSums& sums) {
  std::vector<double> row(sums.width());
  for (const std::size_t i : rows) {
    for (std::size_t k = 0; k < all.columns.size(); ++k) row[k] = all.columns[k][i];
    sums.add(&all.group[i], &all.weight[i], row.data(), 1);
  }
}

std::vector<std::size_t> all_rows(const Values& all) {
  std::vector<std::size_t> rows(all.group.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

std::vector<double> read(const Values& all, const ExactSums& sums) {
  std::vector<double> read;
  for (std::size_t j = 0; j < all.groups; ++j) {
    for (std::size_t k = 0; k < all.columns.size(); ++k) read.push_back(sums.sum(j, k));
  }
  return read;
}

Vector magnitudes(double each) { return Vector::Constant(7, each); }

}  // namespace

BOOST_AUTO_TEST_CASE(sums_are_rounded_once) {
  const Values all = values(3000, 5);
  ExactSums sums(all.groups, all.columns.size());
  add(all, all_rows(all), sums);
  for (std::size_t j = 0; j < all.groups; ++j) {
    for (std::size_t k = 0; k < all.columns.size(); ++k) {
      Real exact = 0;
      for (std::size_t i = 0; i < all.group.size(); ++i) {
        if (all.group[i] == static_cast<std::int32_t>(j)) {
          exact += Real(all.weight[i] * all.columns[k][i]);
        }
      }
      BOOST_TEST(sums.sum(j, k) == exact.convert_to<double>());
    }
  }
}

BOOST_AUTO_TEST_CASE(order_parts_and_expected_magnitudes_change_no_bit) {
  const Values all = values(4000, 13);
  ExactSums whole(all.groups, all.columns.size());
  add(all, all_rows(all), whole);
  const std::vector<double> expected = read(all, whole);

  Rng rng({42, 0, Purpose::test});
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::vector<std::size_t> rows = all_rows(all);
    std::shuffle(rows.begin(), rows.end(), rng);
    const std::size_t parts = 1 + rng.bits() % 5;
    std::vector<ExactSums> sums(parts, ExactSums(all.groups, all.columns.size()));
    for (std::size_t part = 0; part < parts; ++part) {
      if (repeat % 2 == 1) sums[part].expect(magnitudes(std::pow(10, 30 * rng.normal())));
      const auto at = [&](std::size_t k) {
        return rows.begin() + static_cast<std::ptrdiff_t>(k * rows.size() / parts);
      };
      add(all, {at(part), at(part + 1)}, sums[part]);
    }
    for (std::size_t part = 1; part < parts; ++part) sums[0].merge(sums[part]);
    const std::vector<double> found = read(all, sums[0]);
    BOOST_TEST((found == expected));
  }
}

BOOST_AUTO_TEST_CASE(digits_are_carried_before_they_overflow) {
  // 2^25 values at the upper end of digit 1, of 2^39 units, would need 64 bits without a carry.
  ExactSums sums(2, 1);
  const double x = 8191 + 0x1p-40;
  std::vector<double> rows(256 * sums.width());  // padded with zeros
  for (std::size_t i = 0; i < rows.size(); i += sums.width()) rows[i] = x;
  const std::vector<std::int32_t> group(256, 1);
  const std::vector<double> weight(256, 1);
  constexpr std::size_t blocks = std::size_t{1} << 17;
  for (std::size_t i = 0; i < blocks; ++i) sums.add(group.data(), weight.data(), rows.data(), 256);
  BOOST_TEST(sums.sum(1, 0) == x * 256 * blocks);
  BOOST_TEST(sums.sum(0, 0) == 0);
  ExactSums more = sums;
  for (int i = 0; i < 20; ++i) {  // doubles each time
    more.merge(ExactSums(more));
    BOOST_TEST(more.sum(1, 0) == std::ldexp(x * 256 * blocks, i + 1));
  }
}

BOOST_AUTO_TEST_CASE(a_value_that_is_not_finite_marks_its_column_alone) {
  for (const double bad :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    ExactSums sums(2, 2);
    const std::int32_t group = 1;
    const double weight = 1;
    const double rows[][2] = {{1, 2}, {bad, 3}};
    for (const auto& row : rows) sums.add(&group, &weight, row, 1);
    ExactSums other(2, 2);
    other.merge(sums);
    for (const ExactSums* one : {&sums, &other}) {
      BOOST_TEST(std::isnan(one->sum(1, 0)));
      BOOST_TEST(one->sum(1, 1) == 5);
    }
    sums.clear();
    BOOST_TEST(sums.sum(1, 0) == 0);
  }
}
