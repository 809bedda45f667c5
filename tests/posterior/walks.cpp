// The samplers on free coordinates against known answers.
#define BOOST_TEST_MODULE walks
#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// 4 Monte Carlo standard errors: 6e-5 for each of about 30 comparisons with fixed seeds.
constexpr double limit = 4;

void check(const Fitted& fitted, const std::string& who, const std::string& parameter,
           const std::string& figure, const std::string& error, double expected) {
  const double z = (fitted.at(parameter, figure) - expected) / fitted.at(parameter, error);
  BOOST_TEST(std::abs(z) < limit, who << ", " << parameter << " " << figure << ": "
                                      << fitted.at(parameter, figure) << " against " << expected
                                      << ", z = " << z);
}

/// Eight schools (Rubin 1981) with the priors of Stan's manual.
Design eight_schools() {
  Data data{Matrix(8, 0), Vector{{28, 8, -3, 7, -1, 1, 18, 12}}};
  data.se = Vector{{15, 10, 16, 11, 9, 11, 10, 18}};
  data.level = {0, 1, 2, 3, 4, 5, 6, 7};
  return design_of(data);
}

const std::vector<std::string> priors{"Intercept ~ normal(0, 5)", "sd(g) ~ half_cauchy(5)"};

/// E tau by the trapezoidal rule over x = log tau, mu integrated out in closed form.
double expected_tau(const Design& design) {
  const Rows rows = design.all_rows();
  double total = 0;
  double sum = 0;
  for (double x = -15; x < 8; x += 0.01) {
    const double tau = std::exp(x);
    const Vector v = rows.weight.cwiseInverse().array() + tau * tau;  // of y_j given mu
    const double precision = 1.0 / 25 + v.cwiseInverse().sum();
    const double mean = rows.y.cwiseQuotient(v).sum() / precision;
    const double log_p = -0.5 * v.array().log().sum() - 0.5 * std::log(precision) -
                         0.5 * rows.y.cwiseAbs2().cwiseQuotient(v).sum() +
                         0.5 * mean * mean * precision - std::log1p(tau * tau / 25) + x;
    total += std::exp(log_p);
    sum += std::exp(log_p) * tau;
  }
  return sum / total;
}

}  // namespace

BOOST_AUTO_TEST_CASE(eight_schools_have_the_mean_tau_of_quadrature) {
  const Design design = eight_schools();
  const double expected = expected_tau(design);
  BOOST_TEST(std::abs(expected - 3.598) < 0.001);  // as published
  const auto compare = [&](const std::string& sampler, const std::vector<std::string>& settings) {
    const Fitted fitted =
        fit(design, {.sampler = sampler,
                     .priors = priors,
                     .settings = settings,
                     .plan = {.chains = 4, .warmup = 1000, .draws = 10'000, .seed = 6}});
    check(fitted, sampler + " " + settings.front(), "sd_g[Intercept]", "mean", "mcse_mean",
          expected);
    BOOST_TEST(fitted.at("sd_g[Intercept]", "ess_bulk") > 0.1 * 40'000);
  };
  compare("nuts", {"target=collapsed"});
  compare("slice", {"target=collapsed"});
  compare("metropolis", {"target=collapsed", "steps=10"});
  // tau is near 0 in many draws: a funnel, which effects in units of tau are out of.
  compare("nuts", {"target=full"});
  compare("slice", {"target=full"});
  compare("metropolis", {"target=full", "steps=50"});
  compare("gibbs", {"scheme=blocked"});
}

BOOST_AUTO_TEST_CASE(correlated_coefficients_have_the_moments_of_their_closed_form) {
  // Known errors and no groups: b | y is normal. The covariates correlate to about 0.99, and are
  // far from 0, so the coefficients correlate strongly too.
  Rng rng({24, 0, Purpose::test});
  Data data{Matrix(40, 2), Vector(40)};
  for (Eigen::Index i = 0; i < 40; ++i) {
    data.X(i, 0) = 3 + rng.normal();
    data.X(i, 1) = data.X(i, 0) + 0.15 * rng.normal();
    data.y[i] = 1 + data.X(i, 0) + rng.normal();
  }
  data.se = Vector::Ones(40);
  data.center = false;
  Matrix X(40, 3);
  X << Vector::Ones(40), data.X;
  const Matrix covariance = (X.transpose() * X + Matrix::Identity(3, 3) / 100.0).inverse();
  const Vector mean = covariance * (X.transpose() * data.y);

  const auto compare = [&](const std::string& sampler, const std::vector<std::string>& settings) {
    const Fitted fitted =
        fit(design_of(data), {.model = "pooled",
                              .sampler = sampler,
                              .priors = {"Intercept ~ normal(0, 10)", "b ~ normal(0, 10)"},
                              .settings = settings,
                              .plan = {.chains = 4, .warmup = 1000, .draws = 4000, .seed = 7}});
    const std::vector<std::string> names{"b[Intercept]", "b[x1]", "b[x2]"};
    for (Eigen::Index k = 0; k < 3; ++k) {
      const std::string& name = names[static_cast<std::size_t>(k)];
      check(fitted, sampler, name, "mean", "mcse_mean", mean[k]);
      check(fitted, sampler, name, "sd", "mcse_sd", std::sqrt(covariance(k, k)));
    }
  };
  compare("nuts", {"target=full", "metric=dense"});
  compare("nuts", {"target=full", "metric=diagonal"});
  compare("slice", {"target=full"});
  compare("metropolis", {"target=full", "steps=20"});
}
