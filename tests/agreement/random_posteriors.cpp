// Forty posteriors of hard kinds against a reference that shares no code with the models.
#define BOOST_TEST_MODULE random_posteriors
#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "fit.hpp"
#include "random_problems.hpp"
#include "tarn/formula.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// About 900 comparisons: the family-wise rate of false alarms is below 1 %.
constexpr double limit = 4.5;

/// A quantity with its weighted points, each a normal distribution of some width (0: the point).
struct Quantity {
  std::string name;
  Vector centre;
  Vector width;

  double below(double q, Eigen::Index k) const {
    if (width[k] == 0) return centre[k] < q ? 1 : 0;
    return boost::math::cdf(boost::math::normal(centre[k], width[k]), q);
  }
};

std::vector<Quantity> quantities(const DenseModel& model, const WeightedPoints& points) {
  const Eigen::Index n = points.x.cols();
  std::vector<Quantity> all;
  for (std::size_t h = 0; h < model.hypers.size(); ++h) {
    Quantity q{model.hypers[h].name, Vector(n), Vector::Zero(n)};
    for (Eigen::Index k = 0; k < n; ++k) {
      q.centre[k] = model.hypers[h].natural(points.x(static_cast<Eigen::Index>(h), k));
    }
    all.push_back(std::move(q));
  }
  const std::size_t first = all.size();
  for (const std::string& b : model.coefficients)
    all.push_back({b, Vector::Zero(n), Vector::Ones(n)});
  Vector mean;
  Matrix covariance;
  for (Eigen::Index k = 0; k < n; ++k) {
    if (points.weight[k] < 1e-10) continue;
    model.log_posterior(points.x.col(k), &mean, &covariance);
    for (Eigen::Index b = 0; b < mean.size(); ++b) {
      Quantity& q = all[first + static_cast<std::size_t>(b)];
      q.centre[k] = mean[b];
      q.width[k] = std::sqrt(covariance(b, b));
    }
  }
  return all;
}

/// Mean of f over the points, and the error that random weights give it.
template <class Function>
std::pair<double, double> expectation(const WeightedPoints& points, const Function& f) {
  double mean = 0;
  Vector values(points.weight.size());
  for (Eigen::Index k = 0; k < values.size(); ++k) {
    values[k] = points.weight[k] < 1e-12 ? 0 : f(k);
    mean += points.weight[k] * values[k];
  }
  if (!points.random) return {mean, 0};
  return {mean, (points.weight.array() * (values.array() - mean)).matrix().norm()};
}

/// Where the cumulative distribution reaches p; between points of a grid, so that none is cut.
double quantile(const Quantity& q, const WeightedPoints& points, double p) {
  if (q.width.maxCoeff() > 0) {
    double low = (q.centre - 9 * q.width).minCoeff(), high = (q.centre + 9 * q.width).maxCoeff();
    for (int i = 0; i < 40; ++i) {
      const double middle = (low + high) / 2;
      const double below =
          expectation(points, [&](Eigen::Index k) { return q.below(middle, k); }).first;
      (below < p ? low : high) = middle;
    }
    return (low + high) / 2;
  }
  std::vector<Eigen::Index> order(static_cast<std::size_t>(q.centre.size()));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](Eigen::Index k) { return q.centre[k]; });
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sum += points.weight[order[i]];
    if (sum < p) continue;
    const double here = q.centre[order[i]];
    while (i + 1 < order.size() && q.centre[order[i + 1]] <= here * (here > 0 ? 1 + 1e-12 : 1)) ++i;
    // The edge of a cell above it, or below the last; logarithms are on the grid.
    std::size_t other = i + 1;
    if (other == order.size()) {
      for (other = i; other > 0 && q.centre[order[other]] >= here * (1 - 1e-12);) --other;
    }
    const double beside = q.centre[order[other]];
    return here > 0 && beside > 0 ? std::sqrt(here * beside) : (here + beside) / 2;
  }
  return q.centre[order.back()];
}

void compare(const RandomProblem& problem) {
  const DenseModel& model = problem.dense;
  const bool grid = model.hypers.size() <= 2;
  const WeightedPoints points =
      grid ? by_quadrature(model, problem.size) : by_importance(model, problem.size, 92);
  BOOST_REQUIRE(points.effective() > (grid ? 20 : 2000));

  const auto table = std::make_shared<Table>(problem.table);
  const Design design = make_design(problem.formula, table, {.center_groups = false}).design;
  const bool exact = problem.model != "group_variance";
  const Fitted fitted =
      fit(design, {.model = problem.model,
                   .sampler = exact ? "collapsed" : "gibbs",
                   .priors = problem.priors,
                   .plan = {.warmup = 1000, .draws = 5000, .thin = exact ? 1u : 4u, .seed = 93}});
  for (const Quantity& q : quantities(model, points)) {
    const auto check = [&](const std::string& figure, double drawn, double error,
                           std::pair<double, double> expected) {
      const double z = (drawn - expected.first) / std::hypot(error, expected.second);
      BOOST_TEST(std::abs(z) < limit, q.name << " " << figure << ": " << drawn << " against "
                                             << expected.first << ", z = " << z);
    };
    const auto mean = expectation(points, [&](Eigen::Index k) { return q.centre[k]; });
    check("mean", fitted.at(q.name, "mean"), fitted.at(q.name, "mcse_mean"), mean);
    const auto variance = expectation(points, [&](Eigen::Index k) {
      return std::pow(q.centre[k] - mean.first, 2) + q.width[k] * q.width[k];
    });
    const double sd = std::sqrt(variance.first);
    check("sd", fitted.at(q.name, "sd"), fitted.at(q.name, "mcse_sd"),
          {sd, variance.second / (2 * sd)});
    for (const double p : {0.05, 0.5, 0.95}) {
      const double at = quantile(q, points, p);
      const Matrix below = (fitted.column(q.name).array() < at).cast<double>();
      const ReportTable shares = summarise(below, {"below"}, 4);
      const auto share = [&](const char* name) {
        return shares.at(0, static_cast<std::size_t>(std::ranges::find(shares.columns, name) -
                                                     shares.columns.begin()));
      };
      check(fmt::format("below {:.4g}", at), share("mean"), share("mcse_mean"),
            expectation(points, [&](Eigen::Index k) { return q.below(at, k); }));
    }
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(draws_have_the_moments_and_quantiles_of_the_reference,
                     boost::unit_test::data::make(random_problems()), problem) {
  compare(problem);
}
