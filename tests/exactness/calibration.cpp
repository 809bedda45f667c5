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
