// The acceptance that the importance ratios of the sampler collapsed foretell.
#define BOOST_TEST_MODULE collapsed_pilot
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>

#include "convergence_draws.hpp"
#include "pilot.hpp"

namespace {

using Eigen::ArrayXd;
using namespace tarn::collapsed;

/// Log ratios with a Pareto tail of this shape.
ArrayXd log_ratios(double shape, std::size_t count) {
  ArrayXd ratios(static_cast<Eigen::Index>(count));
  Eigen::Index i = 0;
  for (const double u : lehmer(count, 12345)) {
    ratios[i++] = -shape * std::log(u);
  }
  return ratios;
}

}  // namespace

BOOST_AUTO_TEST_CASE(predicted_acceptance_is_the_mean_over_all_pairs_of_points) {
  const ArrayXd ratios = log_ratios(0.7, 200);
  const ArrayXd w = ratios.exp() / ratios.exp().sum();
  ArrayXd acceptance = ArrayXd::Zero(200);
  for (Eigen::Index i = 0; i < 200; ++i) {
    for (Eigen::Index j = 0; j < 200; ++j) acceptance[i] += std::min(1.0, w[j] / w[i]) / 200;
  }
  const PredictedAcceptance predicted(ratios, ArrayXd::Constant(200, 1.0 / 200),
                                      tarn::Matrix(0, 200));
  BOOST_TEST(std::abs(predicted.acceptance() - (w * acceptance).sum()) < 1e-12);
  BOOST_TEST(std::abs(predicted.stays(3) - (w * (1 - acceptance).pow(3)).sum()) < 1e-12);
}

BOOST_AUTO_TEST_CASE(the_worst_tail_is_the_one_where_proposals_are_scarce) {
  // The density is uniform on (0, 1); proposals have density 2x there.
  const Eigen::Index n = 4000;
  tarn::Matrix x(1, n);
  ArrayXd ratios(n);
  Eigen::Index i = 0;
  for (const double u : lehmer(static_cast<std::size_t>(n), 99)) {
    x(0, i) = std::sqrt(u);
    ratios[i] = -std::log(2 * x(0, i));
    ++i;
  }
  // From x a step is accepted with probability E_p min(w(x)^-1, w^-1) = 2x - x^2, so that it stays
  // with (1 - x)^2: on average 1/3, and near 1 on (0, 0.05).
  const PredictedAcceptance predicted(ratios, ArrayXd::Constant(n, 1.0 / n), x);
  const double expected = 20 * (1 - std::pow(0.95, 3)) / 3;
  // A mean of 4000 ratios whose variance is dominated by few small x: 2 % is some 4 errors.
  BOOST_TEST(std::abs(predicted.stays(1) - 1.0 / 3) < 0.02);
  BOOST_TEST(std::abs(predicted.stays_in_tails(1) - expected) < 0.03);
}

BOOST_AUTO_TEST_CASE(a_point_that_is_drawn_twice_as_often_counts_twice) {
  ArrayXd ratios(3);
  ratios << 0, 1, 2;
  ArrayXd draws(3);
  draws << 0.25, 0.25, 0.5;
  ArrayXd repeated(4);
  repeated << 0, 1, 2, 2;
  const PredictedAcceptance one(ratios, draws, tarn::Matrix(0, 3));
  const PredictedAcceptance other(repeated, ArrayXd::Constant(4, 0.25), tarn::Matrix(0, 4));
  BOOST_TEST(std::abs(one.acceptance() - other.acceptance()) < 1e-12);
}
