// Simulation-based calibration (Talts et al. 2018): parameters drawn from the prior rank uniformly
// among posterior draws given data simulated from them.
#define BOOST_TEST_MODULE calibration
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "ranks.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// With about 300 quantities in all, a right program fails with probability 300 x 1e-6; the seeds
/// are fixed, so it does so always or never. The least number of replicates puts 10 into each bin,
/// enough for the statistic's limit.
const double limit = quantile(complement(boost::math::chi_squared(19), 1e-6));

}  // namespace

BOOST_AUTO_TEST_CASE(draws_that_equal_the_truth_rank_below_it_by_chance) {
  Replicate replicate{Vector{{0.5, 1}}, Matrix(2, 4)};
  replicate.draws << 0.1, 0.2, 0.9, 0.4, 1, 1, 0.3, 1;
  Rng rng({3, 0, Purpose::test});
  std::vector<int> seen(5, 0);
  for (int i = 0; i < 4000; ++i) {
    const std::vector<std::size_t> below = ranks(replicate, 4, rng);
    BOOST_TEST_REQUIRE(below[0] == 3u);
    BOOST_TEST_REQUIRE(below[1] < seen.size());
    ++seen[below[1]];
  }
  // One draw below, three that are equal: 1 to 4 in equal shares, 1000 with a standard error of 27.
  BOOST_TEST(seen[0] == 0);
  for (std::size_t rank = 1; rank < seen.size(); ++rank)
    BOOST_TEST(std::abs(seen[rank] - 1000) < 120);
}

BOOST_DATA_TEST_CASE(true_values_rank_uniformly_among_posterior_draws,
                     boost::unit_test::data::make(pairs()), pair) {
  const Eigen::MatrixXi rank = ranks_of(pair, [](Matrix&) {});
  for (Eigen::Index q = 0; q < rank.rows(); ++q) {
    BOOST_TEST(chi_square(rank, q) < limit, "quantity " << q);
  }
}

BOOST_AUTO_TEST_CASE(a_sigma_that_is_a_fifth_too_small_is_caught) {
  Pair pair = pairs().front();
  const Eigen::MatrixXi rank =
      ranks_of(pair, [](Matrix& draws) { draws.row(draws.rows() - 2) *= 0.8; });
  double worst = 0;
  for (Eigen::Index q = 0; q < rank.rows(); ++q) worst = std::max(worst, chi_square(rank, q));
  BOOST_TEST(worst > limit);
}
