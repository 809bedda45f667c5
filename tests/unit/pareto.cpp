// Pareto-smoothed importance sampling: the tail as R's loo fits it.
#define BOOST_TEST_MODULE pareto
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <string>

#include "convergence_draws.hpp"
#include "tarn/pareto.hpp"

namespace {

using namespace tarn;
using Eigen::ArrayXd;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The ratios of data/pareto_k.R.
ArrayXd log_ratios(double shape, std::size_t count) {
  ArrayXd ratios(static_cast<Eigen::Index>(count));
  Eigen::Index i = 0;
  for (const double u : lehmer(count, 12345)) {
    ratios[i++] = shape < 0 ? std::log(1 - u) : -shape * std::log(u);
  }
  return ratios;
}

double log_sum_exp(const ArrayXd& x) {
  return x.maxCoeff() + std::log((x - x.maxCoeff()).exp().sum());
}

}  // namespace

BOOST_AUTO_TEST_CASE(k_and_smoothed_weights_equal_those_of_loo) {
  std::ifstream file(TARN_TEST_DATA "/pareto_k.csv");
  std::string header;
  std::getline(file, header);
  double shape, count, efficiency, k, greatest, mean;
  char comma;
  int cases = 0;
  while (file >> shape >> comma >> count >> comma >> efficiency >> comma >> k >> comma >>
         greatest >> comma >> mean) {
    BOOST_TEST_CONTEXT("shape " << shape << ", " << count << " ratios worth " << efficiency) {
      const SmoothedRatios smoothed =
          smooth_ratios(log_ratios(shape, static_cast<std::size_t>(count)), efficiency);
      const ArrayXd weights = smoothed.log_ratios - log_sum_exp(smoothed.log_ratios);
      // Both sum the same numbers in double precision, in another order.
      BOOST_TEST(std::abs(smoothed.k - k) < 1e-10);
      BOOST_TEST(std::abs(weights.maxCoeff() - greatest) < 1e-10);
      BOOST_TEST(std::abs(weights.mean() - mean) < 1e-10);
    }
    ++cases;
  }
  BOOST_TEST(cases == 30);
}

BOOST_AUTO_TEST_CASE(a_tail_that_says_nothing_has_no_k) {
  BOOST_TEST(smooth_ratios(ArrayXd::Zero(1000)).k == infinity);
  BOOST_TEST(smooth_ratios(log_ratios(0.5, 20)).k == infinity);
}

BOOST_AUTO_TEST_CASE(ratios_of_zero_do_not_move_k) {
  ArrayXd ratios = log_ratios(0.5, 1000);
  const double k = smooth_ratios(ratios).k;
  ratios = (ratios < 0.1).select(ArrayXd::Constant(1000, -infinity), ratios);
  BOOST_TEST(smooth_ratios(ratios).k == k);
}

BOOST_AUTO_TEST_CASE(weights_sum_to_one_and_few_draws_make_k_unreliable_sooner) {
  BOOST_TEST(std::abs(smooth_ratios(log_ratios(0.5, 1000)).weights().sum() - 1) < 1e-12);
  BOOST_TEST(reliable_pareto_k(100) == 0.5);
  BOOST_TEST(reliable_pareto_k(4000) == 0.7);
}
