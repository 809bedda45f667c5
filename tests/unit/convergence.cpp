// The diagnostic `convergence` against R's posterior, on draws that both sides make alike.
#define BOOST_TEST_MODULE convergence
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "convergence_draws.hpp"
#include "summary.hpp"
#include "tarn/statistics/chains.hpp"
#include "tarn/statistics/indicators.hpp"
#include "tarn/statistics/order.hpp"
#include "tarn/statistics/ranks.hpp"

using namespace tarn::convergence;

namespace {

const Columns columns{{0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975}, {0.05, 0.5, 0.95}};

struct Case {
  std::string kind;
  std::size_t chains;
  std::size_t draws;
  std::vector<double> figures;
};

std::vector<Case> cases_of_posterior() {
  std::ifstream file(TARN_TEST_DATA "/convergence.csv");
  std::string line, cell;
  std::getline(file, line);
  std::vector<Case> cases;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    Case next;
    std::getline(cells, next.kind, ',');
    std::getline(cells, cell, ',');
    next.chains = std::stoul(cell);
    std::getline(cells, cell, ',');
    next.draws = std::stoul(cell);
    while (std::getline(cells, cell, ','))
      next.figures.push_back(std::strtod(cell.c_str(), nullptr));
    cases.push_back(next);
  }
  return cases;
}

std::vector<double> figures_of(const std::vector<double>& x, std::size_t chains) {
  const Halves halves(chains, x.size() / chains);
  const NormalScores scores(halves.size());
  Summary summary(columns, halves, scores);
  std::vector<double> row(columns.count());
  summary.summarise(x, row);
  return row;
}

/// posterior takes draws as constant whose range is below the machine's epsilon; here that is a
/// share of their size, so that it does not depend on units.
bool agree(const std::string& kind, double ours, double theirs) {
  const bool tiny = kind == "small" || kind == "nearly_constant";
  if (std::isnan(theirs)) return tiny ? ours > 0 : std::isnan(ours);
  if (std::isinf(theirs)) return ours == theirs;
  // Sums are added up in another order, in double instead of long double: 1e-10 leaves room for
  // the cancellation in means near 0 and in draws far from it.
  return std::abs(ours - theirs) <= 1e-10 * std::abs(theirs) + 1e-15;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_figure_equals_that_of_posterior) {
  const auto cases = cases_of_posterior();
  BOOST_TEST_REQUIRE(cases.size() == 41);
  const auto names = columns.names();
  for (const Case& expected : cases) {
    const auto x = convergence_draws(expected.kind, expected.chains, expected.draws);
    const auto row = figures_of(x, expected.chains);
    BOOST_TEST_REQUIRE(expected.figures.size() == row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      BOOST_TEST(agree(expected.kind, row[i], expected.figures[i]),
                 expected.kind << " " << expected.chains << " x " << expected.draws << ", "
                               << names[i] << ": " << row[i] << " is not " << expected.figures[i]);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_work_space_used_before_gives_the_same_figures) {
  const Halves halves(4, 200);
  const NormalScores scores(halves.size());
  Summary summary(columns, halves, scores);
  std::vector<double> row(columns.count());
  for (const char* kind : {"very_slow", "infinite", "constant", "uniform", "missing", "sticky"}) {
    const auto x = convergence_draws(kind, 4, 200);
    summary.summarise(x, row);
    const auto fresh = figures_of(x, 4);
    for (std::size_t i = 0; i < row.size(); ++i) {
      BOOST_TEST((row[i] == fresh[i] || (std::isnan(row[i]) && std::isnan(fresh[i]))));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_radix_sort_orders_all_that_doubles_can_hold) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr double tiny = std::numeric_limits<double>::denorm_min();
  constexpr double most = std::numeric_limits<double>::max();
  std::vector<double> x{1, -1, 0.0, -0.0, tiny, -tiny, most, -most, inf, -inf, 1 + 0x1p-52, 1, 0.5};
  // Many draws that share their leading digits, beside one that is far away.
  for (int i = 0; i < 500; ++i) x.push_back(1 + (i * 7919 % 500) * 0x1p-52);
  Order order;
  order.sort(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    BOOST_TEST(order.values()[i] == x[order.places()[i]]);
    if (i > 0) BOOST_TEST(order.values()[i - 1] <= order.values()[i]);
  }
  std::vector<std::uint32_t> places(order.places().begin(), order.places().end());
  std::sort(places.begin(), places.end());
  for (std::size_t i = 0; i < places.size(); ++i) BOOST_TEST(places[i] == i);
}

BOOST_AUTO_TEST_CASE(figures_do_not_depend_on_units) {
  auto x = convergence_draws("slow", 4, 500);
  const Halves halves(4, 500);
  const NormalScores scores(halves.size());
  Summary summary(columns, halves, scores);
  std::vector<double> here(columns.count()), there(columns.count());
  summary.summarise(x, here);
  for (double& draw : x) draw *= 0x1p-80;  // a power of two: the same digits
  summary.summarise(x, there);
  for (std::size_t k = columns.count() - 3; k < columns.count(); ++k)
    BOOST_TEST(here[k] == there[k]);
  BOOST_TEST(there[0] == here[0] * 0x1p-80);
}

BOOST_AUTO_TEST_CASE(autocovariances_by_inner_products_and_by_transform_are_the_same) {
  const auto x = convergence_draws("slow", 4, 500);
  Chains by_products(500), by_transform(0);
  by_products.assign(Eigen::Map<const tarn::Matrix>(x.data(), 500, 4));
  by_transform.assign(Eigen::Map<const tarn::Matrix>(x.data(), 500, 4));
  for (std::size_t lag = 0; lag < 500; ++lag) {
    // Both round at 1e-16 of the variance, times the square root of 500 terms, and some room.
    BOOST_TEST(std::abs(by_products.autocovariance(lag) - by_transform.autocovariance(lag)) <
               1e-13 * by_products.within());
  }
}

BOOST_AUTO_TEST_CASE(indicators_in_bits_have_the_moments_of_indicators_in_doubles) {
  for (const std::size_t draws : {3, 63, 64, 65, 128, 130, 2100}) {
    const auto x = convergence_draws("slow", 3, draws);
    Order order;
    order.sort(x);
    for (const std::size_t ones : {std::size_t{1}, draws, 2 * draws, 3 * draws - 1}) {
      Indicators bits(draws, 3);
      bits.assign(order.places(), ones);
      tarn::Matrix indicator = tarn::Matrix::Zero(static_cast<Eigen::Index>(draws), 3);
      for (std::size_t i = 0; i < ones; ++i) indicator.data()[order.places()[i]] = 1;
      Chains doubles(draws);
      doubles.assign(indicator);
      BOOST_TEST(bits.informative());
      // Rounding of sums of at most 6300 zeros and ones.
      BOOST_TEST(std::abs(bits.within() - doubles.within()) < 1e-13);
      BOOST_TEST(std::abs(bits.between() - doubles.between()) < 1e-13);
      for (std::size_t lag = 0; lag < draws; ++lag) {
        BOOST_TEST(std::abs(bits.autocovariance(lag) - doubles.autocovariance(lag)) < 1e-13);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(normal_scores_are_those_of_the_normal_distribution) {
  const NormalScores scores(4000);
  BOOST_TEST(scores.of(1999, 2000) == 0);
  // R: qnorm((c(1, 1000.5, 4000) - 3/8) / 4000.25), 17 digits
  BOOST_TEST(std::abs(scores.of(0, 0) - -3.6047276269633248) < 1e-13);
  BOOST_TEST(std::abs(scores.of(999, 1000) - -0.6744405843173219) < 1e-13);
  BOOST_TEST(scores.of(3999, 3999) == -scores.of(0, 0));
}
