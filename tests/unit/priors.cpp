// Densities, and priors met with parameters.
#define BOOST_TEST_MODULE priors
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/quadrature/sinh_sinh.hpp>
#include <boost/test/unit_test.hpp>

#include "tarn/error.hpp"
#include "tarn/prior.hpp"

namespace {

using tarn::Density;
using tarn::InputError;
using tarn::Parameter;
using tarn::Priors;
using tarn::Support;

const std::vector<std::string> real_densities{"normal(1, 2)", "student_t(4, -1, 2)",
                                              "cauchy(1, 3)"};
const std::vector<std::string> positive_densities{
    "half_normal(2)", "half_student_t(3, 0, 2)", "half_cauchy(1.5)", "exponential(2)",
    "gamma(2.5, 3)",  "inv_gamma(3, 2)",         "uniform(0.5, 4)"};

std::vector<Parameter> declared() {
  return {{{"Intercept"}, Support::real, false, "normal(0, 5)", "r", true},
          {{"b[x]", "b"}, Support::real, false, "normal(0, 1)", "r", true},
          {{"b[I(z - 2)]", "b"}, Support::real, false, "normal(0, 1)", "r", true},
          {{"sigma"}, Support::positive, true, "half_normal(1)", "r"},
          {{"sd(g, Intercept)", "sd(g)"}, Support::positive, true, "half_normal(1)", "r"},
          {{"cor(g)"}, Support::correlation, false, "lkj(1)", "r"}};
}

Priors with(const std::vector<std::string>& given) { return {declared(), given}; }

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_default_outside_its_support_is_the_fault_of_its_plugin) {
  const auto fault = [](const Parameter& parameter) -> std::string {
    try {
      Priors({parameter}, {});
    } catch (const tarn::PluginError& error) {
      return error.what();
    }
    return "accepted";
  };
  BOOST_TEST(fault({{"sigma"}, Support::positive, true, "normal(0, 1)", "r"}) ==
             "the model's default prior 'sigma ~ normal(0, 1)' is wrong, which its author must "
             "mend: normal(0, 1) reaches below zero, where 'sigma' cannot be; use half_normal, "
             "half_student_t, half_cauchy, exponential, gamma, inv_gamma or uniform; until then "
             "give it a prior: --prior 'sigma ~ DENSITY'");
  BOOST_TEST(has(fault({{"cor(g)"}, Support::correlation, false, "half_normal(1)", "r"}),
                 "half_normal(1) is a density of"));
  BOOST_TEST(has(fault({{"p"}, Support::unit_interval, false, "uniform(0, 2)", "r"}),
                 "uniform(0, 2) reaches beyond 0 and 1, between which 'p' lies; use uniform"));
  BOOST_TEST(has(fault({{"sigma"}, Support::positive, true, "half_norml(1)", "r"}),
                 "the model's default prior 'sigma ~ half_norml(1)' is wrong"));
  BOOST_TEST(fault({{"p"}, Support::unit_interval, false, "uniform(0, 1)", "r"}) == "accepted");
  BOOST_TEST(fault({{"b"}, Support::real, false, "scaled_normal(0, 1)", "r", true}) == "accepted");
  // What the user says instead is taken.
  const std::vector<std::string> given{"sigma ~ half_normal(2)"};
  const Priors mended({{{"sigma"}, Support::positive, true, "normal(0, 1)", "r"}}, given);
  BOOST_TEST(mended.of("sigma").density.text() == "half_normal(2)");
}

BOOST_AUTO_TEST_CASE(every_density_integrates_to_one) {
  boost::math::quadrature::sinh_sinh<double> whole_line;
  for (const std::string& text : real_densities) {
    const Density density = Density::parse(text);
    const auto f = [&](double x) { return std::exp(density.log_density(x)); };
    BOOST_TEST(whole_line.integrate(f) == 1.0, boost::test_tools::tolerance(1e-6));
  }
  boost::math::quadrature::exp_sinh<double> half_line;
  for (const std::string& text : positive_densities) {
    if (text.starts_with("uniform")) continue;  // a jump is not for this quadrature
    const Density density = Density::parse(text);
    const auto f = [&](double x) { return std::exp(density.log_density(x)); };
    BOOST_TEST(half_line.integrate(f) == 1.0, boost::test_tools::tolerance(1e-6));
  }
  BOOST_TEST(std::exp(Density::parse("uniform(0.5, 4)").log_density(1)) == 1 / 3.5);
}

BOOST_AUTO_TEST_CASE(scores_are_the_derivatives_of_the_log_densities) {
  std::vector<std::string> all = real_densities;
  all.insert(all.end(), positive_densities.begin(), positive_densities.end());
  for (const std::string& text : all) {
    const Density density = Density::parse(text);
    const double x = 1.3;
    const double h = 1e-5;  // central difference: error about h^2 = 1e-10
    const double slope = (density.log_density(x + h) - density.log_density(x - h)) / (2 * h);
    BOOST_TEST(std::abs(density.score(x) - slope) < 1e-7, text);
  }
}

BOOST_AUTO_TEST_CASE(draws_have_the_density_they_are_drawn_from) {
  // Probability of (-inf, 1.1] by draws against quadrature of the density.
  constexpr int n = 400'000;
  std::vector<std::string> all = positive_densities;
  all.insert(all.end(), real_densities.begin(), real_densities.end());
  for (const std::string& text : all) {
    const Density density = Density::parse(text);
    tarn::Rng rng({3});
    int below = 0;
    for (int i = 0; i < n; ++i) below += density.draw(rng) <= 1.1 ? 1 : 0;
    const double lower = std::max(density.lower(), -2000.0);  // cauchy: 5e-4 lies further left
    double area = 0;
    const int steps = 400'000;
    const double h = (1.1 - lower) / steps;
    for (int i = 0; i < steps; ++i)
      area += h * std::exp(density.log_density(lower + (i + 0.5) * h));
    if (text.starts_with("cauchy")) area += std::atan(3 / 2001.0) / 3.14159265358979;
    const double error = std::sqrt(area * (1 - area) / n);
    BOOST_TEST(std::abs(static_cast<double>(below) / n - area) < 5 * error + 1e-5, text);
  }
}

BOOST_AUTO_TEST_CASE(texts_survive_a_round_trip) {
  for (const char* text : {"normal(0, 2.5)", "half_student_t(3, 0, 2.5)", "lkj(1)", "flat()",
                           "uniform(-1, 1)", "inv_wishart(4, 0.5)", "scaled_normal(0, 10)"}) {
    BOOST_TEST(Density::parse(text).text() == text);
  }
  BOOST_TEST(Density::parse("  normal( 0 ,1e2 ) ").text() == "normal(0, 100)");
}

BOOST_AUTO_TEST_CASE(the_most_specific_key_wins) {
  const Priors priors =
      with({"b ~ normal(0, 3)", "b[x] ~ cauchy(0, 1)", "sd( g ) ~ exponential(2)"});
  BOOST_TEST(priors.of("b[x]").density.text() == "cauchy(0, 1)");
  BOOST_TEST(priors.of("b[I(z - 2)]").density.text() == "normal(0, 3)");
  BOOST_TEST(priors.of("Intercept").source == "default: r");
  BOOST_TEST(priors.of("sd(g, Intercept)").density.text() == "exponential(2)");
  BOOST_TEST(with({"b[I(z-2)] ~ normal(0, 9)"}).of("b[I(z - 2)]").source ==
             "given: b[I(z-2)] ~ normal(0, 9)");
}

BOOST_AUTO_TEST_CASE(a_prior_on_the_square_changes_variables) {
  const Priors priors = with({"sigma^2 ~ inv_gamma(3, 2)"});
  const tarn::ParameterPrior& sigma = priors.of("sigma");
  BOOST_TEST(sigma.text() == "sigma^2 ~ inv_gamma(3, 2)");
  BOOST_REQUIRE(sigma.conjugate().has_value());
  BOOST_TEST((*sigma.conjugate())[0] == 3);
  boost::math::quadrature::exp_sinh<double> half_line;
  const auto f = [&](double x) { return std::exp(sigma.log_density(x)); };
  BOOST_TEST(half_line.integrate(f) == 1.0, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(!with({"sigma ~ inv_gamma(3, 2)"}).of("sigma").conjugate().has_value());
}

BOOST_AUTO_TEST_CASE(mistakes_are_answered_in_words) {
  BOOST_TEST(has(refusal([] { with({"b[y] ~ normal(0, 1)"}); }), "did you mean 'b[x]'"));
  BOOST_TEST(has(refusal([] { with({"sigm ~ half_normal(1)"}); }), "did you mean 'sigma'"));
  BOOST_TEST(has(refusal([] { with({"sigma ~ normal(0, 1)"}); }), "reaches below zero"));
  BOOST_TEST(has(refusal([] { with({"sigma ~ uniform(-1, 5)"}); }), "reaches below zero"));
  BOOST_TEST(has(refusal([] { with({"sigma ~ lkj(2)"}); }), "density of a correlation matrix"));
  BOOST_TEST(has(refusal([] { with({"cor(g) ~ normal(0, 1)"}); }), "is a correlation matrix"));
  BOOST_TEST(has(refusal([] { with({"b^2 ~ gamma(1, 1)"}); }), "no prior on its square"));
  BOOST_TEST(has(refusal([] { with({"sd(g) ~ scaled_normal(0, 1)"}); }), "scaled_normal is for"));
  BOOST_TEST(has(refusal([] {
                   with({"sigma ~ half_normal(1)", "sigma^2 ~ flat()"});
                 }),
                 "for the same parameter"));
  BOOST_TEST(has(refusal([] { with({"sigma half_normal(1)"}); }), "write KEY ~ DENSITY"));
  BOOST_TEST(has(refusal([] { Density::parse("norml(0, 1)"); }), "did you mean 'normal'"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0)"); }), "takes 2 arguments"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, 1"); }), "write normal(mean, sd)"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, -1)"); }), "must be positive"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, x)"); }), "'x' is not a number"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, inf)"); }), "'inf' is not a number"));
  BOOST_TEST(has(refusal([] { Density::parse("half_student_t(3, 1, 2)"); }), "must be 0"));
  BOOST_TEST(has(refusal([] { Density::parse("uniform(2, 1)"); }), "below its upper end"));
}
