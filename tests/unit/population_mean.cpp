// Expected responses over the groups of a population: closed forms, adaptive integration, draws.
#define BOOST_TEST_MODULE population_mean
#include "judge/population_mean.hpp"

#include <cmath>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "family_groups.hpp"
#include "tarn/plugin.hpp"
#include "tarn/prior.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
namespace data = boost::unit_test::data;

/// A model over rows with two factors and slopes, at coefficients near 0 and sds of about `sd`.
struct Placed {
  Placed(const FamilyCase& family, double sd)
      : design(family_design({.family = family, .slopes = true, .crossed = true, .seed = 4})),
        type(*registry().model("crossed").type),
        priors(type.parameters(design), {}),
        model(type.make({design, priors, settings})),
        theta(static_cast<Eigen::Index>(model->layout().size())),
        rows(design.all_rows()) {
    Rng rng({9, 0, Purpose::test});
    query<PriorDraws>(*model)->draw_prior(theta, rng);
    block("b") = 0.3 * Vector::LinSpaced(3, -1, 1);
    block("sd_g") = Vector{{sd, 0.5 * sd}};
    block("sd_h") = Vector::Constant(1, 0.7 * sd);
    if (!family.psi.empty()) {
      std::size_t k = 0;
      for (const FamilyParameter& psi : design.family->parameters(design)) {
        block(psi.block.name).setConstant(family.psi[k++]);
      }
    }
    model->derive(theta);
    for (const std::string name : {"r_g", "r_h"}) block(name).setConstant(0.1);
  }

  VectorRef block(const std::string& name) {
    return model->layout().of(VectorRef(theta), model->layout().find(name).value());
  }

  Vector mean(const std::vector<std::size_t>& groupings) {
    Vector found(rows.y.size());
    population_mean(*model, theta, rows, groupings, found);
    return found;
  }

  /// The predictor's distribution over new levels.
  std::pair<Vector, Vector> of_new(const std::vector<std::size_t>& groupings) {
    Vector m(rows.y.size()), v(rows.y.size());
    query<LinearPredictor>(*model)->predict_linear_of_new(theta, rows, groupings, m, v);
    return {m, v};
  }

  /// E[y_i | eta_i] over eta_i ~ N(m, s^2), by pieces of which each is smooth, however wide the
  /// whole.
  double integral(Eigen::Index i, double m, double s) {
    Vector at(rows.y.size()), mean(rows.y.size());
    const auto f = [&](double x) {
      at.setConstant(m + s * x);
      query<LinearPredictor>(*model)->mean_at(theta, rows, at, mean);
      return mean[i] * std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
    };
    double sum = 0;
    for (double from = -9 - s; from < 9 + s; from += 0.5) {
      sum += boost::math::quadrature::gauss_kronrod<double, 31>::integrate(f, from, from + 0.5, 4,
                                                                           1e-12);
    }
    return sum;
  }

  Design design;
  ModelType type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
  Vector theta;
  Rows rows;
};

double relative(const Vector& found, const Vector& expected) {
  return (found - expected).cwiseAbs().cwiseQuotient(expected.cwiseAbs()).maxCoeff();
}

constexpr double sds[] = {1e-3, 0.3, 1, 3, 8};

}  // namespace

BOOST_DATA_TEST_CASE(with_the_log_link_it_is_that_of_a_lognormal, data::make(sds), sd) {
  for (const FamilyCase& family : std::vector<FamilyCase>{{"poisson"}, {"gamma", {3}}}) {
    if (sd > 5) continue;  // e^(v / 2) is above 1e30
    Placed placed(family, sd);
    const auto [m, v] = placed.of_new({0, 1});
    // Rounding errors of sums of hundreds of numbers; beyond 8.5 sds nothing is lost.
    BOOST_TEST(relative(placed.mean({0, 1}), (m + v / 2).array().exp()) < 1e-12);
  }
}

BOOST_DATA_TEST_CASE(with_the_probit_link_it_is_a_probit, data::make(sds), sd) {
  Placed placed({"bernoulli(probit)"}, sd);
  const auto [m, v] = placed.of_new({0});
  Vector expected(m.size());
  for (Eigen::Index i = 0; i < m.size(); ++i) {
    expected[i] = to_mean(Link::probit, m[i] / std::sqrt(1 + v[i]));
  }
  // The rule's own error, at steps of 0.6 of the predictor.
  BOOST_TEST(relative(placed.mean({0}), expected) < 1e-9);
}

BOOST_DATA_TEST_CASE(with_other_links_it_is_that_of_adaptive_integration,
                     data::make(sds) *
                         data::make(std::vector<FamilyCase>{{"bernoulli(logit)"},
                                                            {"bernoulli(cloglog)"},
                                                            {"hurdle_poisson", {0.4}}}),
                     sd, family) {
  if (family.name() == "hurdle_poisson" && sd > 5) return;
  Placed placed(family, sd);
  const auto [m, v] = placed.of_new({0, 1});
  const Vector found = placed.mean({0, 1});
  for (const Eigen::Index i : {0, 7, 20}) {
    const double sum = placed.integral(i, m[i], std::sqrt(v[i]));
    // exp(-pi^2 / 0.6) = 7e-8 is the most that the step of the predictor leaves.
    BOOST_TEST(std::abs(found[i] / sum - 1) < 2e-7, "row " << i << ": " << found[i] << ", " << sum);
  }
}

BOOST_AUTO_TEST_CASE(it_is_the_mean_over_groups_that_are_drawn) {
  Placed placed({"bernoulli"}, 1.2);
  auto* groups = query<NewGroups>(*placed.model);
  for (auto& levels : placed.rows.level) std::ranges::fill(levels, 0);
  constexpr int draws = 40'000;
  const Eigen::Index n = placed.rows.y.size();
  Vector sum = Vector::Zero(n), squares = sum, mean(n);
  Rng rng({10, 0, Purpose::test});
  for (int s = 0; s < draws; ++s) {
    Vector theta = placed.theta;
    groups->draw_group(0, 0, theta, rng);
    groups->draw_group(1, 0, theta, rng);
    query<Expectation>(*placed.model)->expect(theta, placed.rows, mean);
    sum += mean;
    squares += mean.cwiseAbs2();
  }
  const Vector found = placed.mean({0, 1});
  for (Eigen::Index i = 0; i < n; ++i) {
    const double average = sum[i] / draws;
    const double error = std::sqrt((squares[i] / draws - average * average) / draws);
    // 31 rows of few kinds: five standard errors.
    BOOST_TEST(std::abs(found[i] - average) < 5 * error);
  }
}

BOOST_AUTO_TEST_CASE(effects_of_levels_that_are_known_stay) {
  Placed placed({"poisson"}, 0.5);
  Vector expected(placed.rows.y.size());
  query<Expectation>(*placed.model)->expect(placed.theta, placed.rows, expected);
  BOOST_TEST((placed.mean({}) == expected));
  const auto [m, v] = placed.of_new({1});
  const double sd = 0.7 * 0.5;
  BOOST_TEST((v.array() - sd * sd).abs().maxCoeff() < 1e-14);
  // Without the new level's 0.1, and with half of the variance.
  const Vector changed = expected * std::exp(-0.1 + sd * sd / 2);
  BOOST_TEST(relative(placed.mean({1}), changed) < 1e-12);
}
