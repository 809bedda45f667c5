// The conjugate regression against its closed forms, written independently of the model's factors.
#define BOOST_TEST_MODULE closed_forms
#include <Eigen/Dense>
#include <boost/math/distributions/inverse_gamma.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "fit.hpp"
#include "matrix_rows.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

constexpr double m0 = 0.5;  // prior mean of every coefficient
constexpr double s0 = 2;    // and its sd, in units of sigma
constexpr double a0 = 3;
constexpr double b0 = 2;
const std::vector<std::string> priors{"Intercept ~ scaled_normal(0.5, 2)",
                                      "b ~ scaled_normal(0.5, 2)", "sigma^2 ~ inv_gamma(3, 2)"};

Data simulate() {
  Rng rng({31, 0, Purpose::test});
  Data data{Matrix(30, 2), Vector(30)};
  data.center = false;
  for (Eigen::Index i = 0; i < 30; ++i) {
    data.X(i, 0) = 3 + rng.normal();
    data.X(i, 1) = rng.normal();
    data.y[i] = 1 + 0.5 * data.X(i, 0) - data.X(i, 1) + 0.8 * rng.normal();
  }
  return data;
}

/// The textbook: Ln = X'X + L0, mn = Ln^-1 (X'y + L0 m0), an = a0 + n/2, bn = b0 + half the sums of
/// squares.
struct Posterior {
  Vector mean;
  Matrix scale;  // Ln^-1
  double a, b;

  explicit Posterior(const Data& data) {
    Matrix X(data.X.rows(), 3);
    X << Vector::Ones(X.rows()), data.X;
    const Matrix L0 = Matrix::Identity(3, 3) / (s0 * s0);
    const Vector prior_mean = Vector::Constant(3, m0);
    scale = (X.transpose() * X + L0).inverse();
    mean = scale * (X.transpose() * data.y + L0 * prior_mean);
    a = a0 + 0.5 * static_cast<double>(X.rows());
    b = b0 + 0.5 * ((data.y - X * mean).squaredNorm() +
                    (mean - prior_mean).dot(L0 * (mean - prior_mean)));
  }
};

/// 4 Monte Carlo standard errors: 6e-5 for each of about 60 comparisons with fixed seeds.
constexpr double limit = 4;

void check(const Fitted& fitted, const std::string& parameter, const std::string& figure,
           const std::string& error, double expected) {
  const double distance = std::abs(fitted.at(parameter, figure) - expected);
  BOOST_TEST(distance < limit * fitted.at(parameter, error),
             parameter << " " << figure << ": " << fitted.at(parameter, figure) << " against "
                       << expected);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_conjugate_posterior_has_the_moments_and_quantiles_of_its_closed_form) {
  const Data data = simulate();
  const Posterior posterior(data);
  for (const std::string sampler : {"gibbs", "collapsed"}) {
    const Fitted fitted =
        fit(design_of(data), {.model = "pooled",
                              .sampler = sampler,
                              .priors = priors,
                              .plan = {.chains = 4, .warmup = 0, .draws = 5000, .seed = 3}});
    // b_k ~ t with 2 an degrees of freedom.
    const boost::math::students_t t(2 * posterior.a);
    const std::vector<std::string> names{"b[Intercept]", "b[x1]", "b[x2]"};
    for (Eigen::Index k = 0; k < 3; ++k) {
      const double scale = std::sqrt(posterior.b / posterior.a * posterior.scale(k, k));
      const std::string& name = names[static_cast<std::size_t>(k)];
      check(fitted, name, "mean", "mcse_mean", posterior.mean[k]);
      check(fitted, name, "sd", "mcse_sd", scale * std::sqrt(posterior.a / (posterior.a - 1)));
      check(fitted, name, "q5", "mcse_q5", posterior.mean[k] + scale * quantile(t, 0.05));
      check(fitted, name, "q95", "mcse_q95", posterior.mean[k] + scale * quantile(t, 0.95));
    }
    // sigma^2 ~ IG(an, bn), so sigma's quantiles are the roots of its.
    const boost::math::inverse_gamma ig(posterior.a, posterior.b);
    const double mean = std::sqrt(posterior.b) *
                        std::exp(std::lgamma(posterior.a - 0.5) - std::lgamma(posterior.a));
    check(fitted, "sigma", "mean", "mcse_mean", mean);
    check(fitted, "sigma", "sd", "mcse_sd",
          std::sqrt(posterior.b / (posterior.a - 1) - mean * mean));
    check(fitted, "sigma", "q5", "mcse_q5", std::sqrt(quantile(ig, 0.05)));
    check(fitted, "sigma", "q95", "mcse_q95", std::sqrt(quantile(ig, 0.95)));
    // Exact and independent: the effective draws are the draws, within the noise of their estimate
    // (its standard deviation is about 3 % here).
    BOOST_TEST(fitted.at("sigma", "ess_bulk") > 0.9 * 20'000);
    BOOST_TEST(fitted.at("b[x1]", "ess_bulk") > 0.9 * 20'000);
  }
}

BOOST_AUTO_TEST_CASE(the_log_evidence_is_that_of_a_multivariate_t) {
  // y ~ t with 2 a0 degrees of freedom, location X m0, scale matrix b0/a0 (I + s0^2 X X').
  const Data data = simulate();
  const auto n = static_cast<double>(data.y.size());
  Matrix X(data.X.rows(), 3);
  X << Vector::Ones(X.rows()), data.X;
  const Matrix S = b0 / a0 * (Matrix::Identity(30, 30) + s0 * s0 * X * X.transpose());
  const Vector e = data.y - X * Vector::Constant(3, m0);
  const Eigen::LLT<Matrix> llt(S);
  const double log_det = 2 * Matrix(llt.matrixL()).diagonal().array().log().sum();
  const double nu = 2 * a0;
  const double expected = std::lgamma((nu + n) / 2) - std::lgamma(nu / 2) -
                          n / 2 * std::log(nu * std::numbers::pi) - log_det / 2 -
                          (nu + n) / 2 * std::log1p(e.dot(llt.solve(e)) / nu);

  const ModelType& type = *registry().model("pooled").type;
  const Design design = design_of(data);
  const Priors all(type.parameters(design), priors);
  const Settings settings;
  const auto model = type.make({design, all, settings});
  Evidence* evidence = query<Evidence>(*model);
  BOOST_REQUIRE(evidence != nullptr);
  // Both sides are sums of terms of size 100 in double precision.
  BOOST_TEST(std::abs(evidence->log_evidence() - expected) < 1e-10);

  const Priors half_normal(type.parameters(design),
                           std::vector<std::string>{"sigma ~ half_normal(1)"});
  BOOST_TEST(query<Evidence>(*type.make({design, half_normal, settings})) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_random_intercept_has_the_moments_of_quadrature_over_its_two_scales) {
  // Dense N x N covariances on a fine grid of (log sigma, log sd): nothing shared with the model.
  Data data = simulate();
  Rng rng({32, 0, Purpose::test});
  for (Eigen::Index i = 0; i < 30; ++i) {
    data.level.push_back(static_cast<std::int32_t>(i % 5));
    data.y[i] += 0.3 * static_cast<double>(i % 5);
  }
  Matrix X(30, 3);
  X << Vector::Ones(30), data.X;
  Matrix Z = Matrix::Zero(30, 5);
  for (Eigen::Index i = 0; i < 30; ++i) Z(i, i % 5) = 1;

  double total = 0, mean_sd = 0, mean_sigma = 0, mean_b = 0, mean_r = 0;
  const int points = 120;
  for (int i = 0; i < points; ++i) {
    for (int j = 0; j < points; ++j) {
      const double x = -1.4 + 2.2 * i / points;  // log sigma
      const double t = -7.0 + 9.0 * j / points;  // log sd
      const double sigma = std::exp(x);
      const double sd = std::exp(t);
      const Matrix V = sigma * sigma * Matrix::Identity(30, 30) + sd * sd * Z * Z.transpose() +
                       X * (Vector(3) << 100, 9, 9).finished().asDiagonal() * X.transpose();
      const Eigen::LLT<Matrix> llt(V);
      const Vector solved = llt.solve(data.y);
      const double log_p = -Matrix(llt.matrixL()).diagonal().array().log().sum() -
                           0.5 * data.y.dot(solved) - sigma * sigma / 2 - sd * sd / 2 + x + t;
      const double p = std::exp(log_p + 40);
      total += p;
      mean_sigma += p * sigma;
      mean_sd += p * sd;
      mean_b += p * 9 * X.col(1).dot(solved);
      mean_r += p * sd * sd * Z.col(0).dot(solved);
    }
  }
  for (const std::string sampler : {"gibbs", "collapsed"}) {
    const Fitted fitted =
        fit(design_of(data), {.sampler = sampler,
                              .priors = {"Intercept ~ normal(0, 10)", "b ~ normal(0, 3)",
                                         "sigma ~ half_normal(1)", "sd(g) ~ half_normal(1)"},
                              .plan = {.chains = 4, .warmup = 500, .draws = 10'000, .seed = 8}});
    check(fitted, "sigma", "mean", "mcse_mean", mean_sigma / total);
    check(fitted, "sd_g[Intercept]", "mean", "mcse_mean", mean_sd / total);
    check(fitted, "b[x1]", "mean", "mcse_mean", mean_b / total);
    check(fitted, "r_g[1,Intercept]", "mean", "mcse_mean", mean_r / total);
  }
}
