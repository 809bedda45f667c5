// What the pictures of the chains show: densities, priors, and which parameters.
#define BOOST_TEST_MODULE convergence_pictures
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "pictures.hpp"
#include "prior_density.hpp"
#include "tarn/design.hpp"
#include "tarn/distributions.hpp"
#include "tarn/plugin.hpp"
#include "tarn/statistics/kernel_density.hpp"

using namespace tarn;
using namespace tarn::convergence;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

std::vector<double> normals(std::size_t count) {
  Rng rng(Stream{.seed = 5, .purpose = Purpose::test});
  std::vector<double> x(count);
  rng.normal(x);
  return x;
}

std::vector<double> ascending(std::vector<double> x) {
  std::ranges::sort(x);
  return x;
}

double integral(const Curve& curve) {
  double sum = 0;
  for (std::size_t i = 1; i < curve.x.size(); ++i) {
    sum += (curve.x[i] - curve.x[i - 1]) * (curve.density[i] + curve.density[i - 1]) / 2;
  }
  return sum;
}

double at(const Curve& curve, double x) {
  const auto next = std::ranges::lower_bound(curve.x, x);
  return curve.density[static_cast<std::size_t>(next - curve.x.begin())];
}

/// The trapezoidal rule.
template <class Function>
double integral(const Function& f, double low, double high) {
  constexpr int steps = 20000;
  double sum = (f(low) + f(high)) / 2;
  for (int i = 1; i < steps; ++i) sum += f(low + (high - low) * i / steps);
  return sum * (high - low) / steps;
}

struct Model1 {
  Model1(std::vector<Parameter> declared, const std::vector<std::string>& given)
      : priors(std::move(declared), given) {
    design.coefficients = {"Intercept", "x"};
    design.center = Vector::Zero(2);
    design.groupings = {{"a:b", {"1", "2"}}};
    layout.add({"b", {{"coefficient", {"Intercept", "x"}}}});
    layout.add({"sigma", {}, Support::positive});
    layout.add({"sd_a_b", {{"a_b_term", {"Intercept", "x"}}}, Support::positive});
    layout.add({"cor_a_b",
                {{"a_b_term", {"Intercept", "x"}}, {"a_b_term_2", {"Intercept", "x"}}},
                Support::correlation});
    layout.add({"r_a_b",
                {{"a_b", {"1", "2"}}, {"a_b_term", {"Intercept", "x"}}},
                Support::real,
                "",
                "sd_a_b"});
  }

  std::function<double(double)> prior(std::size_t block, std::size_t element) const {
    return prior_density({type, design, priors, {}, {}}, layout, block, element);
  }

  ModelType type;
  Design design;
  Priors priors;
  Layout layout;
};

std::vector<Parameter> declared() {
  using Kind = Subject::Kind;
  std::vector<Parameter> all{
      {{"Intercept"}, Support::real, false, "normal(3, 2)", ""},
      {{"b[x]", "b"}, Support::real, false, "normal(1, 0.5)", ""},
      {{"sigma"}, Support::positive, true, "half_normal(2)", ""},
      {{"sd(a:b, Intercept)", "sd(a:b)"}, Support::positive, true, "exponential(1)", ""},
      {{"sd(a:b, x)", "sd(a:b)"}, Support::positive, true, "flat()", ""},
      {{"cor(a:b)"}, Support::correlation, false, "lkj(2)", ""}};
  const std::vector<Subject> subjects{
      {Kind::coefficient, "Intercept", {}}, {Kind::coefficient, "x", {}},
      {Kind::residual_sd, {}, {}},          {Kind::group_sd, "Intercept", "a:b"},
      {Kind::group_sd, "x", "a:b"},         {Kind::group_correlation, {}, "a:b"}};
  for (std::size_t k = 0; k < all.size(); ++k) all[k].subject = subjects[k];
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_density_integrates_to_one_and_is_that_of_the_draws) {
  const Curve curve = kernel_density(ascending(normals(20000)), -inf, inf);
  BOOST_TEST(std::abs(integral(curve) - 1) < 0.01);  // the tails that are not shown
  // The kernel's width is 0.12: it lowers the peak by 0.7 %; noise has a standard error of 1 %.
  for (const double x : {-2.0, -1.0, 0.0, 1.0, 2.0}) {
    const double truth = std::exp(normal_log_density(x, 0, 1));
    BOOST_TEST(std::abs(at(curve, x) - truth) < 0.02);
  }
}

BOOST_AUTO_TEST_CASE(a_density_does_not_fall_off_at_the_end_of_the_support) {
  std::vector<double> x = normals(20000);
  for (double& value : x) value = std::abs(value);
  const Curve curve = kernel_density(ascending(x), 0, inf);
  BOOST_TEST(curve.x.front() == 0);
  BOOST_TEST(std::abs(integral(curve) - 1) < 0.01);
  const double truth = 2 * std::exp(normal_log_density(0, 0, 1));
  BOOST_TEST(std::abs(curve.density.front() - truth) < 0.04);
}

BOOST_AUTO_TEST_CASE(long_tails_do_not_squeeze_the_curve) {
  std::vector<double> x = normals(4000);
  x.push_back(1e6);
  const Curve curve = kernel_density(ascending(x), -inf, inf);
  BOOST_TEST(curve.x.back() < 20);
}

BOOST_AUTO_TEST_CASE(priors_are_found_by_the_names_of_elements) {
  const Model1 model(declared(), {});
  BOOST_TEST(model.prior(0, 0)(3) == std::exp(normal_log_density(3, 3, 2)));
  BOOST_TEST(model.prior(0, 1)(1) == std::exp(normal_log_density(1, 1, 0.5)));
  BOOST_TEST(std::abs(integral(model.prior(1, 0), 1e-9, 20) - 1) < 1e-6);
  BOOST_TEST(std::abs(model.prior(2, 0)(0.5) - std::exp(-0.5)) < 1e-12);
  BOOST_TEST(!model.prior(2, 1));  // flat
  BOOST_TEST(!model.prior(4, 0));  // a group effect has a distribution, but no prior
}

BOOST_AUTO_TEST_CASE(a_prior_on_the_square_is_that_of_the_root) {
  const Model1 model(declared(), {"sigma^2 ~ inv_gamma(2, 1)"});
  BOOST_TEST(std::abs(integral(model.prior(1, 0), 1e-3, 60) - 1) < 1e-3);
}

BOOST_AUTO_TEST_CASE(the_intercepts_prior_is_moved_from_the_means_to_zero) {
  Model1 model(declared(), {});
  model.design.center << 0, 4;
  // Intercept at zero: N(3, 2) - 4 N(1, 0.5).
  BOOST_TEST(std::abs(model.prior(0, 0)(-1) -
                      std::exp(normal_log_density(-1, -1, std::sqrt(8.0)))) < 1e-12);
  Model1 other(declared(), {"b ~ cauchy(0, 1)"});
  other.design.center << 0, 4;
  BOOST_TEST(!other.prior(0, 0));
}

BOOST_AUTO_TEST_CASE(a_correlation_under_lkj_is_a_stretched_beta) {
  const Model1 model(declared(), {});
  const auto prior = model.prior(3, 1);
  BOOST_TEST(std::abs(prior(0) - 0.75) < 1e-12);  // eta 2, 2 x 2: 3/4 (1 - r^2)
  BOOST_TEST(std::abs(prior(0.5) - 0.5625) < 1e-12);
  BOOST_TEST(std::abs(integral(prior, -1, 1) - 1) < 1e-6);
}

BOOST_AUTO_TEST_CASE(priors_at_the_means_are_those_of_internal_blocks) {
  Model1 model(declared(), {});
  model.design.terms = {{0, {"Intercept", "x"}, true}};
  model.design.group_center = {{Vector{{0, 4}}, Vector{{1, 0}}}};
  Layout layout;
  for (const bool internal : {false, true}) {
    for (std::size_t b : {2u, 3u}) {
      Block block = model.layout.block(b);
      block.name = (internal ? "centered_" : "") + block.name;
      block.internal = internal;
      block.derived = !internal;
      layout.add(block);
    }
  }
  model.layout = layout;
  BOOST_TEST(!model.prior(0, 0));  // sd_a_b[Intercept], at 0
  BOOST_TEST(!model.prior(1, 1));  // cor_a_b[Intercept,x], at 0
  BOOST_TEST(std::abs(model.prior(2, 0)(0.5) - std::exp(-0.5)) < 1e-12);
  BOOST_TEST(std::abs(model.prior(3, 1)(0.5) - 0.5625) < 1e-12);
}

BOOST_AUTO_TEST_CASE(the_main_parameters_are_chosen_and_the_worst_of_the_others) {
  Layout layout;
  layout.add({"b", {{"coefficient", {"a", "b"}}}});
  std::vector<std::string> groups(50);
  for (std::size_t k = 0; k < groups.size(); ++k) groups[k] = std::to_string(k);
  layout.add({"r_g", {{"g", groups}}, Support::real, "", "sd_g"});
  ReportTable table{"parameters", {"rhat"}, {}, {}};
  std::vector<Row> rows;
  std::vector<Kind> kinds;
  for (std::size_t block = 0; block < 2; ++block) {
    for (std::size_t e = 0; e < layout.block(block).size(); ++e) {
      table.rows.push_back(layout.element_name(block, e));
      table.values.push_back(1.0);
      rows.push_back({block, e});
      kinds.push_back(Kind::varying);
    }
  }
  table.values[2 + 30] = 1.2;
  table.values[2 + 7] = 1.1;
  table.values[2 + 9] = 1.3;
  kinds[2 + 9] = Kind::not_finite;
  kinds[1] = Kind::constant;
  const std::vector<std::size_t> expected{0, 2, 2 + 7, 2 + 30};
  BOOST_TEST(chosen_rows(table, rows, kinds, layout) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_many_main_parameters_twelve_are_chosen) {
  Layout layout;
  std::vector<std::string> names(100);
  for (std::size_t k = 0; k < names.size(); ++k) names[k] = "x" + std::to_string(k);
  layout.add({"b", {{"coefficient", names}}});
  ReportTable table{"parameters", {"rhat"}, {}, {}};
  std::vector<Row> rows;
  for (std::size_t e = 0; e < 100; ++e) {
    table.rows.push_back(layout.element_name(0, e));
    table.values.push_back(e == 77 ? 1.5 : 1.0);
    rows.push_back({0, e});
  }
  const auto chosen = chosen_rows(table, rows, std::vector<Kind>(100, Kind::varying), layout);
  BOOST_TEST(chosen.size() == 12u);
  BOOST_TEST(std::ranges::count(chosen, 77u) == 1);
}
