// Densities, and priors met with parameters.
#define BOOST_TEST_MODULE priors
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/quadrature/sinh_sinh.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/test/unit_test.hpp>

#include "tarn/error.hpp"
#include "tarn/prior.hpp"

namespace {

using tarn::Density;
using tarn::InputError;
using tarn::Parameter;
using tarn::Priors;
using tarn::Support;

const std::vector<std::string> real_densities{"normal(1, 2)", "student_t(4, -1, 2)", "cauchy(1, 3)",
                                              "logistic(1, 2)"};
const std::vector<std::string> positive_densities{
    "half_normal(2)", "half_student_t(3, 0, 2)", "half_cauchy(1.5)",    "exponential(2)",
    "gamma(2.5, 3)",  "inv_gamma(3, 2)",         "lognormal(0.2, 0.7)", "uniform(0.5, 4)"};
const std::vector<std::string> unit_densities{"beta(2, 3.5)", "beta(0.4, 1)", "beta(1, 1)"};

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
  BOOST_TEST(
      fault({{"sigma"}, Support::positive, true, "normal(0, 1)", "r"}) ==
      "the model's default prior 'sigma ~ normal(0, 1)' is wrong, which its author must "
      "mend: normal(0, 1) reaches below zero, where 'sigma' cannot be; use half_normal, "
      "half_student_t, half_cauchy, exponential, gamma, inv_gamma, lognormal or uniform; until "
      "then give it a prior: --prior 'sigma ~ DENSITY'");
  BOOST_TEST(has(fault({{"cor(g)"}, Support::correlation, false, "half_normal(1)", "r"}),
                 "half_normal(1) is a density of"));
  BOOST_TEST(
      has(fault({{"p"}, Support::unit_interval, false, "uniform(0, 2)", "r"}),
          "uniform(0, 2) reaches beyond 0 and 1, between which 'p' lies; use uniform or beta"));
  BOOST_TEST(has(fault({{"sigma"}, Support::positive, true, "half_norml(1)", "r"}),
                 "the model's default prior 'sigma ~ half_norml(1)' is wrong"));
  BOOST_TEST(has(fault({{"rho"}, Support::minus_one_to_one, false, "normal(0, 1)", "r"}),
                 "normal(0, 1) reaches beyond -1 and 1, between which 'rho' lies; use uniform;"));
  BOOST_TEST(has(fault({{"p"}, Support::simplex, false, "beta(1, 1)", "r"}),
                 "beta(1, 1) is a density of a number between 0 and 1, but 'p' is a simplex"));
  BOOST_TEST(
      has(fault({{"c"}, Support::ordered, false, "dirichlet(1)", "r"}),
          "dirichlet(1) is a density of a simplex, but 'c' is a rising sequence of numbers"));
  Parameter shares{{"p"}, Support::simplex, false, "dirichlet(1, 2)", "r"};
  BOOST_TEST(fault(shares) == "accepted");  // its size is not known
  shares.elements = 3;
  BOOST_TEST(
      has(fault(shares), "dirichlet takes one argument, or one for each of the 3 shares of 'p'"));
  shares.default_prior = "dirichlet(0.5)";
  BOOST_TEST(fault(shares) == "accepted");
  BOOST_TEST(fault({{"rho"}, Support::minus_one_to_one, false, "uniform(-1, 1)", "r"}) ==
             "accepted");
  BOOST_TEST(fault({{"rho"}, Support::minus_one_to_one, false, "beta(2, 2)", "r"}) == "accepted");
  BOOST_TEST(fault({{"c"}, Support::ordered, false, "normal(0, 5)", "r"}) == "accepted");
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
  boost::math::quadrature::tanh_sinh<double> unit;
  for (const std::string& text : unit_densities) {
    const Density density = Density::parse(text);
    const auto f = [&](double x) { return std::exp(density.log_density(x)); };
    BOOST_TEST(unit.integrate(f, 0.0, 1.0) == 1.0, boost::test_tools::tolerance(1e-6));
  }
  BOOST_TEST(Density::parse("beta(1, 1)").log_density(0) == 0);
  BOOST_TEST(std::isinf(Density::parse("beta(2, 2)").log_density(1.01)));
  BOOST_TEST(std::isinf(Density::parse("lognormal(0, 1)").log_density(0)));
}

BOOST_AUTO_TEST_CASE(densities_have_the_values_of_their_closed_forms) {
  // gamma(5.5) / (gamma(2) gamma(3.5)) = 4.5 3.5, and
  // gamma(10) / (gamma(2) gamma(3) gamma(5)) 0.2 0.3^2 0.5^4 = 7560 0.2 0.09 0.0625.
  const double beta = std::log(4.5 * 3.5 * 0.3) + 2.5 * std::log(0.7);
  BOOST_TEST(Density::parse("beta(2, 3.5)").log_density(0.3) == beta,
             boost::test_tools::tolerance(1e-12));
  const double z = (std::log(1.3) - 0.2) / 0.7;
  BOOST_TEST(Density::parse("lognormal(0.2, 0.7)").log_density(1.3) ==
                 -0.5 * z * z - std::log(1.3 * 0.7 * std::sqrt(2 * 3.14159265358979323846)),
             boost::test_tools::tolerance(1e-12));
  const tarn::Vector x{{0.2, 0.3, 0.5}};
  BOOST_TEST(Density::parse("dirichlet(2, 3, 5)").log_density_of(x) ==
                 std::log(7560 * 0.2 * 0.09 * 0.0625),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(Density::parse("dirichlet(1)").log_density_of(x) == std::log(2.0),
             boost::test_tools::tolerance(1e-12));
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
  for (const std::string& text : unit_densities) {
    const Density density = Density::parse(text);
    const double x = 0.3;
    const double h = 1e-5;
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
  for (const std::string text : {"beta(2, 3.5)", "beta(0.4, 1)"}) {
    const Density density = Density::parse(text);
    tarn::Rng rng({3});
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += density.draw(rng);
    // Mean a / (a + b), sd below 0.31.
    const double mean = density.argument(0) / (density.argument(0) + density.argument(1));
    BOOST_TEST(std::abs(sum / n - mean) < 5 * 0.31 / std::sqrt(n), text);
  }
}

BOOST_AUTO_TEST_CASE(texts_survive_a_round_trip) {
  for (const char* text :
       {"normal(0, 2.5)", "half_student_t(3, 0, 2.5)", "lkj(1)", "flat()", "uniform(-1, 1)",
        "inv_wishart(4, 0.5)", "beta(0.5, 2)", "lognormal(-1, 0.5)", "dirichlet(2)",
        "dirichlet(1, 2.5, 3)", "scaled_normal(0, 10)"}) {
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

BOOST_AUTO_TEST_CASE(priors_are_found_by_what_they_are_of) {
  using Kind = tarn::Subject::Kind;
  std::vector<Parameter> all = declared();
  all[1].subject = {Kind::coefficient, "x", {}};
  all[4].subject = {Kind::group_sd, "Intercept", "g"};
  const Priors priors(all, {});
  BOOST_TEST(priors.find({Kind::coefficient, "x", {}})->key() == "b[x]");
  BOOST_TEST(priors.find({Kind::group_sd, "Intercept", "g"})->key() == "sd(g, Intercept)");
  BOOST_TEST(priors.find({Kind::group_sd, "Intercept", "h"}) == nullptr);
  BOOST_TEST(priors.find(tarn::Subject{}) == nullptr);  // which is said of several
  BOOST_TEST(priors.of(tarn::Subject{Kind::group_sd, "Intercept", "g"}).key() ==
             "sd(g, Intercept)");
}

BOOST_AUTO_TEST_CASE(a_model_that_asks_for_what_it_does_not_declare_is_told_so) {
  using tarn::Subject;
  using Kind = Subject::Kind;
  const Priors priors(declared(), {});
  const auto asked = [&](const Subject& subject) -> std::string {
    try {
      priors.of(subject);
    } catch (const tarn::PluginError& error) {
      return error.what();
    }
    return "nothing";
  };
  BOOST_TEST(asked({Kind::group_sd, "z", "g"}) ==
             "a model asked for the prior of a standard deviation of group effects, 'z', of 'g', "
             "which it does not declare");
  BOOST_TEST(asked({Kind::coefficient, "z", {}}) ==
             "a model asked for the prior of a coefficient, 'z', which it does not declare");
  BOOST_TEST(asked({Kind::residual_sd, {}, "h"}) ==
             "a model asked for the prior of a residual standard deviation, of 'h', which it does "
             "not declare");
  BOOST_TEST(asked({Kind::group_correlation, {}, "g"}) ==
             "a model asked for the prior of correlations of group effects, of 'g', which it does "
             "not declare");
  BOOST_TEST(asked({Kind::group_covariance, {}, "g"}) ==
             "a model asked for the prior of a covariance of group effects, of 'g', which it does "
             "not declare");
  BOOST_TEST(
      asked({}) ==
      "a model asked for the prior of something that has no kind, which it does not declare");
}

BOOST_AUTO_TEST_CASE(what_the_gaussian_algebra_asks_is_answered) {
  const Density normal = Density::parse("normal(1, 2)");
  BOOST_TEST((normal.is_normal() && normal.is_conditionally_gaussian()));
  BOOST_TEST((normal.location() == 1 && normal.scale() == 2));
  const Density scaled = Density::parse("scaled_normal(1, 2)");
  BOOST_TEST((scaled.scales_with_sigma() && !scaled.is_normal()));
  BOOST_TEST(std::isnan(scaled.log_density(0)));
  const Density cauchy = Density::parse("cauchy(1, 2)");
  BOOST_TEST((cauchy.is_scale_mixture() && !cauchy.is_normal()));
  BOOST_TEST((cauchy.location() == 1 && cauchy.scale() == 2));
  const Density flat;
  BOOST_TEST((!flat.proper() && flat.is_conditionally_gaussian() && flat.text() == "flat()"));
  BOOST_TEST(!Density::parse("gamma(2, 1)").is_conditionally_gaussian());
  BOOST_TEST(!Density::parse("gamma(2, 1)").inverse_gamma().has_value());
  BOOST_TEST(Density::parse("inv_wishart(5, 2)").inverse_wishart().value()[1] == 2);
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
  BOOST_TEST(
      refusal([] { Density::parse("norml(0, 1)"); }) ==
      "prior 'norml(0, 1)': there is no density 'norml'; did you mean 'normal'? densities "
      "are normal, student_t, cauchy, logistic, scaled_normal, flat, half_normal, half_student_t, "
      "half_cauchy, exponential, gamma, inv_gamma, lognormal, uniform, beta, lkj, "
      "inv_wishart and dirichlet");
  BOOST_TEST(refusal([] { Density::parse("normal(0)"); }) ==
             "prior 'normal(0)': normal takes 2 arguments: normal(mean, sd)");
  BOOST_TEST(refusal([] { Density::parse("dirichlet()"); }) ==
             "prior 'dirichlet()': dirichlet takes 1 argument or more: dirichlet(a, ...)");
  BOOST_TEST(refusal([] { Density::parse("dirichlet(1, 0, 2)"); }) ==
             "prior 'dirichlet(1, 0, 2)': its a must be positive");
  BOOST_TEST(refusal([] { Density::parse("beta(1, -2)"); }) ==
             "prior 'beta(1, -2)': its a and b must be positive");
  BOOST_TEST(refusal([] { Density::parse("lognormal(1, 0)"); }) ==
             "prior 'lognormal(1, 0)': its sigma must be positive");
  BOOST_TEST(refusal([] { Density::parse("student_t(-1, 0, 2)"); }) ==
             "prior 'student_t(-1, 0, 2)': its degrees of freedom and scale must be positive");
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, 1"); }), "write normal(mean, sd)"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, -1)"); }), "must be positive"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, x)"); }), "'x' is not a number"));
  BOOST_TEST(has(refusal([] { Density::parse("normal(0, inf)"); }), "'inf' is not a number"));
  BOOST_TEST(has(refusal([] { Density::parse("half_student_t(3, 1, 2)"); }), "must be 0"));
  BOOST_TEST(has(refusal([] { Density::parse("uniform(2, 1)"); }), "below its upper end"));
}
