// Leave-one-out and WAIC equal R's loo on the same draws; models are compared as loo does it.
#define BOOST_TEST_MODULE information
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "convergence_draws.hpp"
#include "criteria.hpp"
#include "judge/comparison.hpp"

namespace {

using namespace tarn;
using namespace tarn::information;

constexpr std::size_t chains = 4;
constexpr std::size_t draws = 250;
constexpr std::size_t rows = 12;

/// The figures of a file in data/, without its header.
std::vector<std::vector<double>> figures(const std::string& name) {
  std::ifstream file(TARN_TEST_DATA "/" + name);
  std::vector<std::vector<double>> all;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    all.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) all.back().push_back(std::stod(cell));
  }
  return all;
}

/// The log likelihood of data/information.R.
Eigen::ArrayXd log_likelihood(std::size_t row) {
  const auto i = static_cast<double>(row + 1);
  Eigen::ArrayXd ll(static_cast<Eigen::Index>(chains * draws));
  Eigen::Index at = 0;
  for (std::size_t chain = 1; chain <= chains; ++chain) {
    double x = 0;
    for (const double u : lehmer(draws, 1000 + chain)) {
      x = 0.6 * x + (u - 0.5);
      const double e = 0.8 * i - x;
      ll[at++] = -0.5 * (e * e) * (1 + i / 4) - 0.1 * i;
    }
  }
  return ll;
}

/// Both sum the same thousand numbers in double precision, in another order.
bool equal(double found, double expected) {
  return std::abs(found - expected) < 1e-9 * (1 + std::abs(expected));
}

/// The pointwise densities of data/information.R: three models, 40 rows.
Matrix pointwise() {
  const std::vector<double> u = lehmer(120, 99);
  Matrix lpd(40, 3);
  for (Eigen::Index i = 0; i < 40; ++i) {
    const auto k = static_cast<std::size_t>(i);
    lpd.row(i) << std::log(u[k]), std::log(0.2 + u[40 + k]) - 0.3, std::log(u[80 + k]) - 0.4;
  }
  return lpd;
}

}  // namespace

BOOST_AUTO_TEST_CASE(criteria_equal_those_of_loo_with_and_without_relative_efficiencies) {
  const auto expected = figures("information.csv");
  BOOST_REQUIRE(expected.size() == rows + 1);
  UnitCriteria given(chains, draws, true);
  UnitCriteria one(chains, draws, false);
  std::vector<Criteria> all;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::vector<double>& row = expected[i];
    const Criteria found = given(log_likelihood(i));
    const Criteria plain = one(log_likelihood(i));
    BOOST_TEST_CONTEXT("row " << i + 1) {
      BOOST_TEST(equal(found.efficiency, row[0]));
      BOOST_TEST(equal(found.elpd_loo, row[1]));
      BOOST_TEST(equal(found.p_loo, row[2]));
      BOOST_TEST(equal(found.pareto_k, row[3]));
      BOOST_TEST(plain.efficiency == 1);
      BOOST_TEST(equal(plain.elpd_loo, row[4]));
      BOOST_TEST(equal(plain.p_loo, row[5]));
      BOOST_TEST(equal(plain.pareto_k, row[6]));
      BOOST_TEST(equal(found.elpd_waic, row[7]));
      BOOST_TEST(equal(found.p_waic, row[8]));
    }
    all.push_back(found);
  }
  const std::vector<double>& sums = expected.back();
  const Estimate elpd = total(all, &Criteria::elpd_loo);
  const Estimate p = total(all, &Criteria::p_loo);
  const Estimate waic = total(all, &Criteria::elpd_waic);
  BOOST_TEST(equal(elpd.sum, sums[0]));
  BOOST_TEST(equal(elpd.se, sums[1]));
  BOOST_TEST(equal(p.sum, sums[2]));
  BOOST_TEST(equal(p.se, sums[3]));
  BOOST_TEST(equal(-2 * elpd.sum, sums[4]));
  BOOST_TEST(equal(2 * elpd.se, sums[5]));
  BOOST_TEST(equal(waic.sum, sums[6]));
  BOOST_TEST(equal(waic.se, sums[7]));
}

BOOST_AUTO_TEST_CASE(densities_too_small_for_a_double_change_nothing) {
  UnitCriteria criteria(chains, draws, true);
  const Eigen::ArrayXd ll = log_likelihood(3);
  const Criteria here = criteria(ll);
  const Criteria far = criteria(ll - 1e5);
  BOOST_TEST(std::abs(far.elpd_loo + 1e5 - here.elpd_loo) < 1e-8);  // 1e5 has 11 digits less
  BOOST_TEST(std::abs(far.efficiency - here.efficiency) < 1e-8);
  BOOST_TEST(std::abs(far.pareto_k - here.pareto_k) < 1e-8);
}

BOOST_AUTO_TEST_CASE(a_density_that_is_not_finite_gives_no_figures) {
  UnitCriteria criteria(chains, draws, true);
  Eigen::ArrayXd ll = log_likelihood(0);
  ll[17] = -std::numeric_limits<double>::infinity();
  const Criteria found = criteria(ll);
  BOOST_TEST(std::isnan(found.elpd_loo));
  BOOST_TEST(std::isnan(found.pareto_k));
  BOOST_TEST(std::isnan(found.elpd_waic));
}

BOOST_AUTO_TEST_CASE(differences_and_stacking_weights_equal_those_of_loo) {
  const auto expected = figures("comparison.csv");
  const Matrix lpd = pointwise();
  const std::vector<std::size_t> order = best_first(lpd);
  BOOST_TEST(order == (std::vector<std::size_t>{1, 0, 2}), boost::test_tools::per_element());
  const Vector weights = stacking_weights(lpd);
  BOOST_TEST(std::abs(weights.sum() - 1) < 1e-12);
  for (std::size_t k = 0; k < 3; ++k) {
    const Difference d = difference(lpd, k, order.front());
    BOOST_TEST(equal(d.elpd, expected[k][0]));
    BOOST_TEST(equal(d.se, expected[k][1]));
    // loo's search ends within some 1e-5 of the best weights.
    BOOST_TEST(std::abs(weights[static_cast<Eigen::Index>(k)] - expected[k][2]) < 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(no_weights_near_the_stacking_weights_score_better) {
  const Matrix lpd = pointwise();
  const Vector best = stacking_weights(lpd);
  const auto score = [&](const Vector& w) {
    return (lpd.array().exp().matrix() * w).array().log().sum();
  };
  for (Eigen::Index from = 0; from < 3; ++from) {
    for (Eigen::Index to = 0; to < 3; ++to) {
      Vector moved = best;
      const double step = std::min(1e-3, best[from]);
      moved[from] -= step;
      moved[to] += step;
      BOOST_TEST(score(moved) <= score(best) + 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(models_that_are_equal_share_their_weight) {
  Matrix lpd(40, 2);
  lpd.col(0) = pointwise().col(0);
  lpd.col(1) = lpd.col(0);
  BOOST_TEST(std::abs(stacking_weights(lpd)[0] - 0.5) < 1e-9);
}

BOOST_AUTO_TEST_CASE(the_better_model_has_more_of_the_pseudo_bma_weight) {
  Rng rng(Stream{.seed = 1, .purpose = Purpose::test});
  const Vector weights = pseudo_bma_weights(pointwise(), rng);
  // loo 2.5.1: 0.015, 0.985 and 0.000, with another thousand bootstrap weights whose error is
  // about 0.003.
  BOOST_TEST(std::abs(weights[0] - 0.015) < 0.01);
  BOOST_TEST(std::abs(weights[1] - 0.985) < 0.01);
}
