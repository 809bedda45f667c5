// Stories 1 and 2 (docs/examples) as posteriors with known answers.
#define BOOST_TEST_MODULE stories
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "fit.hpp"
#include "lme4_fits.hpp"
#include "matrix_rows.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Groups with intercepts ~ N(mu, tau), one slope, normal noise.
Data simulate(int groups, int per_group, double mu, double tau, double slope, double noise) {
  Rng rng({42, 0, Purpose::test});
  const Eigen::Index n = groups * per_group;
  Data data{Matrix(n, 1), Vector(n)};
  for (int j = 0; j < groups; ++j) {
    const double alpha = mu + tau * rng.normal();
    for (int i = 0; i < per_group; ++i) {
      const Eigen::Index row = j * per_group + i;
      data.level.push_back(j);
      data.X(row, 0) = rng.normal();
      data.y[row] = alpha + slope * data.X(row, 0) + noise * rng.normal();
    }
  }
  return data;
}

void agree(const Fitted& a, const Fitted& b, const std::string& parameter) {
  for (const auto& [figure, error] : {std::pair{"mean", "mcse_mean"},
                                      {"sd", "mcse_sd"},
                                      {"q5", "mcse_q5"},
                                      {"q95", "mcse_q95"}}) {
    const double both = std::hypot(a.at(parameter, error), b.at(parameter, error));
    const double z = (a.at(parameter, figure) - b.at(parameter, figure)) / both;
    // 4 standard errors of the difference: 6e-5 for each of about 100 comparisons.
    BOOST_TEST(std::abs(z) < 4, parameter << " " << figure << ", z = " << z);
  }
}

void covers(const Fitted& fitted, const std::string& parameter, double truth) {
  // One data set: the truth is somewhere within 4 posterior standard deviations.
  BOOST_TEST(std::abs(fitted.at(parameter, "mean") - truth) < 4 * fitted.at(parameter, "sd"),
             parameter);
}

}  // namespace

BOOST_AUTO_TEST_CASE(story_1_the_textbook_sweep_the_block_and_the_exact_draws_agree) {
  const Data data = simulate(12, 8, 1, 0.8, 2, 1);
  const std::vector<std::string> priors{"Intercept ~ scaled_normal(0, 10)",
                                        "b ~ scaled_normal(0, 10)", "sigma^2 ~ inv_gamma(2, 1)",
                                        "sd(g)^2 ~ inv_gamma(2, 1)"};
  const auto by = [&](const std::string& sampler, const std::vector<std::string>& settings,
                      std::size_t draws) {
    return fit(design_of(data), {.sampler = sampler,
                                 .priors = priors,
                                 .settings = settings,
                                 .plan = {.chains = 4, .warmup = 1000, .draws = draws, .seed = 4}});
  };
  const Fitted exact = by("collapsed", {}, 5000);
  const Fitted blocked = by("gibbs", {}, 5000);
  const Fitted plain = by("gibbs", {"scheme=plain"}, 40'000);
  for (const char* parameter : {"b[Intercept]", "b[x1]", "sigma", "sd_g[Intercept]",
                                "r_g[1,Intercept]", "r_g[12,Intercept]"}) {
    agree(blocked, exact, parameter);
    agree(plain, exact, parameter);
  }
  covers(exact, "b[x1]", 2);
  covers(exact, "sigma", 1);
  covers(exact, "sd_g[Intercept]", 0.8);
}

BOOST_AUTO_TEST_CASE(story_1_without_groups_is_the_conjugate_regression) {
  Data data = simulate(1, 60, 1, 0, 2, 1);
  data.level.clear();
  const Fitted fitted =
      fit(design_of(data), {.model = "pooled",
                            .priors = {"Intercept ~ scaled_normal(0, 10)",
                                       "b ~ scaled_normal(0, 10)", "sigma^2 ~ inv_gamma(2, 1)"},
                            .plan = {.chains = 4, .warmup = 0, .draws = 2000, .seed = 4}});
  BOOST_TEST(fitted.at("b[x1]", "ess_bulk") > 0.9 * 8000);  // independent draws
  covers(fitted, "b[x1]", 2);
  covers(fitted, "sigma", 1);
}

BOOST_AUTO_TEST_CASE(story_1_house_prices_in_boston_by_access_to_highways,
                     *boost::unit_test::precondition(reference_is_there)) {
  const std::string formula = "medv ~ lstat + rm + ptratio + (1 | rad)";
  const Design design = lme4_design("Boston", formula);
  const auto by = [&](const std::string& sampler, const std::vector<std::string>& settings,
                      std::size_t draws) {
    return fit(design, {.sampler = sampler,
                        .priors = {"Intercept ~ scaled_normal(0, 100)", "b ~ scaled_normal(0, 100)",
                                   "sigma^2 ~ inv_gamma(2, 1)", "sd(rad)^2 ~ inv_gamma(2, 1)"},
                        .settings = settings,
                        .plan = {.chains = 4, .warmup = 500, .draws = draws, .seed = 5}});
  };
  const Fitted exact = by("collapsed", {}, 5000);
  const Fitted plain = by("gibbs", {"scheme=plain"}, 20'000);
  const Estimates lme4 = lme4_fits().at({"Boston", formula});
  for (const std::string x : {"Intercept", "lstat", "rm", "ptratio"}) {
    const std::string b = "b[" + x + "]";
    agree(exact, plain, b);
    // The coefficients depend little on the spread of the groups, which these priors move.
    BOOST_TEST(
        std::abs(exact.at(b, "mean") - lme4.at("fixef:" + (x == "Intercept" ? "(Intercept)" : x))) <
            0.15 * exact.at(b, "sd") + 4 * exact.at(b, "mcse_mean"),
        b);
  }
  for (const char* parameter : {"sigma", "sd_rad[Intercept]", "r_rad[24,Intercept]"}) {
    agree(exact, plain, parameter);
  }
}

BOOST_AUTO_TEST_CASE(story_1_without_groups_boston_is_least_squares,
                     *boost::unit_test::precondition(reference_is_there)) {
  const std::string all = "medv ~ all 13 others (OLS)";
  const Estimates estimates = lme4_fits("OLS").at({"Boston", all});
  const Estimates errors = lme4_fits("OLS", "se").at({"Boston", all});
  const Design design =
      lme4_design("Boston",
                  "medv ~ crim + zn + indus + chas + nox + rm + age + dis + rad + tax + ptratio + "
                  "black + lstat");
  const Fitted fitted =
      fit(design, {.model = "pooled",
                   .sampler = "collapsed",
                   .priors = {"Intercept ~ flat()", "b ~ flat()", "sigma ~ flat()"},
                   .plan = {.chains = 4, .warmup = 0, .draws = 5000, .seed = 5}});
  BOOST_TEST(design.size() == 14);
  for (const std::string& x : design.coefficients) {
    const std::string b = "b[" + x + "]";
    const std::string fixef = "fixef:" + (x == "Intercept" ? "(Intercept)" : x);
    // A constant density of sigma makes b a t of n - p - 1 degrees of freedom.
    const double n_p = 506 - 14;
    const double sd = errors.at(fixef) * std::sqrt(n_p / (n_p - 3));
    BOOST_TEST(std::abs(fitted.at(b, "mean") - estimates.at(fixef)) < 4 * fitted.at(b, "mcse_mean"),
               b);
    BOOST_TEST(std::abs(fitted.at(b, "sd") - sd) < 4 * fitted.at(b, "mcse_sd"), b);
  }
}

BOOST_AUTO_TEST_CASE(story_2_half_normal_priors_converge_by_every_sampler) {
  const Data data = simulate(8, 15, 2, 1, 1.5, 0.5);
  const std::vector<std::string> priors{"Intercept ~ normal(0, 10)", "b ~ normal(0, 5)",
                                        "sd(g) ~ half_normal(5)", "sigma ~ half_normal(2)"};
  const auto by = [&](const std::string& sampler) {
    return fit(design_of(data), {.sampler = sampler,
                                 .priors = priors,
                                 .plan = {.chains = 4, .warmup = 1000, .draws = 2000, .seed = 42}});
  };
  const Fitted gibbs = by("gibbs");
  const Fitted collapsed = by("collapsed");
  for (const char* parameter : {"b[Intercept]", "b[x1]", "sigma", "sd_g[Intercept]",
                                "r_g[1,Intercept]", "r_g[8,Intercept]"}) {
    agree(gibbs, collapsed, parameter);
    BOOST_TEST(gibbs.at(parameter, "rhat") < 1.01);  // the story's own verdicts
    BOOST_TEST(gibbs.at(parameter, "ess_bulk") > 400);
    BOOST_TEST(collapsed.at(parameter, "rhat") < 1.01);
    BOOST_TEST(collapsed.at(parameter, "ess_bulk") > 400);
  }
  covers(gibbs, "b[x1]", 1.5);
  covers(gibbs, "sigma", 0.5);
  covers(gibbs, "sd_g[Intercept]", 1);
}

BOOST_AUTO_TEST_CASE(story_3_demand_by_region_store_and_product) {
  // 6 regions, 5 stores in each, 12 products sold in all of them, a price effect.
  Rng rng({43, 0, Purpose::test});
  Data data{Matrix(0, 0), Vector(720)};
  data.X = Matrix(720, 1);
  const auto effects = [&](Eigen::Index n, double sd) {
    return Vector(Vector::NullaryExpr(n, [&] { return sd * rng.normal(); }));
  };
  const Vector store = effects(30, 0.6);
  const Vector product = effects(12, 1.2);
  for (Eigen::Index i = 0; i < 720; ++i) {
    const auto j = static_cast<std::int32_t>(i % 30);
    const auto k = static_cast<std::int32_t>(i / 30 % 12);
    data.level.push_back(j);
    data.other_level.push_back(k);
    data.X(i, 0) = rng.normal();
    data.y[i] = 5 - 0.8 * data.X(i, 0) + store[j] + product[k] + 0.5 * rng.normal();
  }
  const auto by = [&](const std::string& sampler) {
    return fit(design_of(data), {.model = "crossed",
                                 .sampler = sampler,
                                 .plan = {.chains = 4, .warmup = 500, .draws = 2500, .seed = 3}});
  };
  const Fitted exact = by("collapsed");
  const Fitted gibbs = by("gibbs");
  for (const char* parameter :
       {"b[Intercept]", "b[x1]", "sigma", "sd_g[Intercept]", "sd_h[Intercept]"}) {
    agree(exact, gibbs, parameter);
  }
  covers(exact, "b[x1]", -0.8);
  covers(exact, "sigma", 0.5);
  covers(exact, "sd_g[Intercept]", 0.6);
  covers(exact, "sd_h[Intercept]", 1.2);
}

BOOST_AUTO_TEST_CASE(story_4_a_slope_for_every_row_and_no_noise_at_all) {
  Rng rng({44, 0, Purpose::test});
  Data data{Matrix(100, 1), Vector(100)};
  for (std::int32_t i = 0; i < 100; ++i) {
    data.level.push_back(i);
    data.X(i, 0) = 10 * rng.uniform();
    data.y[i] = 2 + (2 + rng.normal()) * data.X(i, 0);
  }
  data.slopes = data.X;
  data.group_intercept = false;
  data.center = false;
  const std::vector<std::string> priors{"Intercept ~ normal(0, 1e4)", "b ~ normal(0, 1e4)",
                                        "sd(g) ~ uniform(0, 100)", "sigma ~ uniform(0, 10)"};
  const auto by = [&](const std::string& sampler, const std::vector<std::string>& settings) {
    return fit(design_of(data), {.model = "random_slope",
                                 .sampler = sampler,
                                 .priors = priors,
                                 .settings = settings,
                                 .plan = {.chains = 4, .warmup = 1000, .draws = 2500, .seed = 4}});
  };
  const Fitted collapsed = by("collapsed", {});
  for (const char* parameter : {"b[Intercept]", "b[x1]", "sigma", "sd_g[z1]"}) {
    BOOST_TEST(collapsed.at(parameter, "rhat") < 1.01);
    BOOST_TEST(collapsed.at(parameter, "ess_bulk") > 5000);
  }
  covers(collapsed, "b[Intercept]", 2);
  covers(collapsed, "b[x1]", 2);
  covers(collapsed, "sd_g[z1]", 1);
  // No noise: sigma is as near to 0 as a hundred rows can tell.
  BOOST_TEST(collapsed.at("sigma", "q5") < 0.05);

  // The story's own sampler has not converged, and the diagnostics say so.
  const Fitted walk = by("metropolis", {"target=full"});
  BOOST_TEST(walk.at("sigma", "rhat") > 1.01);
  BOOST_TEST(walk.at("sigma", "ess_bulk") < 400);
}
