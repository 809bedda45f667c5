// Bands of empirical distribution functions: how often uniform numbers stay within.
#define BOOST_TEST_MODULE ecdf_band
#include "tarn/ecdf_band.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "tarn/rng.hpp"

namespace {

using namespace tarn;

constexpr int repetitions = 4000;

/// Four standard errors of a share of so many repetitions.
double slack(double share) { return 4 * std::sqrt(share * (1 - share) / repetitions); }

template <class Make>
double share_within(const EcdfBand& band, const Make& make) {
  Rng rng({1, 0, Purpose::test});
  int within = 0;
  for (int i = 0; i < repetitions; ++i) within += make(band, rng) ? 1 : 0;
  return double(within) / repetitions;
}

bool is_within(const EcdfBand& band, const std::vector<double>& values) {
  return band.leaves(band.ecdf(values)) == band.at.size();
}

}  // namespace

BOOST_AUTO_TEST_CASE(uniform_values_stay_within_as_often_as_they_should) {
  const EcdfBand band = ecdf_band(250, 100, 0.95);
  const double share = share_within(band, [](const EcdfBand& b, Rng& rng) {
    std::vector<double> u(250);
    for (double& x : u) x = rng.uniform();
    return is_within(b, u);
  });
  BOOST_TEST(share > 0.95 - slack(0.95));
  BOOST_TEST(share < 0.97 + slack(0.97));  // counts are whole numbers: a little more than 0.95
}

BOOST_AUTO_TEST_CASE(ranks_divided_by_their_number_stay_within_as_often) {
  const EcdfBand band = ecdf_band(100, 20, 0.9);
  const double share = share_within(band, [](const EcdfBand& b, Rng& rng) {
    std::vector<double> u(100);
    for (double& x : u) x = std::ceil(20 * rng.uniform()) / 20;
    return is_within(b, u);
  });
  BOOST_TEST(share > 0.9 - slack(0.9));
  BOOST_TEST(share < 0.93 + slack(0.93));
}

BOOST_AUTO_TEST_CASE(numbers_that_crowd_at_the_ends_leave) {
  const EcdfBand band = ecdf_band(250, 100, 0.95);
  Rng rng({2, 0, Purpose::test});
  std::vector<double> u(250);
  // The sum of the ends of a distribution that is too narrow by a third.
  for (double& x : u) x = 0.5 * std::erfc(-1.5 * rng.normal() / std::sqrt(2));
  BOOST_TEST(!is_within(band, u));
}

BOOST_AUTO_TEST_CASE(all_chains_ranked_together_stay_within) {
  constexpr std::size_t chains = 4, draws = 100;
  const EcdfBand band = ecdf_band_of_ranks(draws, chains, 50, 0.95);
  const double share = share_within(band, [](const EcdfBand& b, Rng& rng) {
    std::vector<double> rank(chains * draws);
    std::iota(rank.begin(), rank.end(), 1);
    for (std::size_t i = rank.size(); i-- > 1;) std::swap(rank[i], rank[rng.bits() % (i + 1)]);
    for (double& r : rank) r /= double(rank.size());
    for (std::size_t c = 0; c < chains; ++c) {
      const auto first = rank.begin() + std::ptrdiff_t(c * draws);
      if (!is_within(b, {first, first + draws})) return false;
    }
    return true;
  });
  BOOST_TEST(share > 0.95 - slack(0.95));
  BOOST_TEST(share < 0.985);  // chains hold each other
}

BOOST_AUTO_TEST_CASE(the_band_of_many_values_is_near_its_limit) {
  // At its middle the band of n values is about c / sqrt(n) to both sides.
  const auto half_width = [](std::size_t n) {
    const EcdfBand band = ecdf_band(n, 50, 0.95);
    return (band.upper[25] - band.lower[25]) * std::sqrt(double(n)) / 2;
  };
  BOOST_TEST(half_width(1'000'000) == half_width(4000), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(half_width(4000) == half_width(1000), boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(one_value_may_be_anywhere) {
  const EcdfBand band = ecdf_band(1, 10, 0.95);
  BOOST_TEST(is_within(band, {0.5}));
  BOOST_TEST(is_within(band, {0.0}));
  BOOST_TEST(is_within(band, {1.0}));
}
