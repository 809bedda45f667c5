// The collapsed density and the draws of random_slope against the dense Gaussian they integrate.
#define BOOST_TEST_MODULE slopes
#include <Eigen/Cholesky>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <numbers>

#include "conditional.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/distributions.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Groups of 1, 2, ... rows, two slopes; the first covariate is one of them.
Data data(std::int32_t groups) {
  Rng rng({51, 0, Purpose::test});
  Data data;
  for (std::int32_t j = 0; j < groups; ++j) {
    data.level.insert(data.level.end(), static_cast<std::size_t>(j + 1), j);
  }
  const auto n = static_cast<Eigen::Index>(data.level.size());
  data.X = Matrix::NullaryExpr(n, 2, [&] { return 3 + rng.normal(); });
  data.slopes = Matrix::NullaryExpr(n, 2, [&] { return rng.normal(); });
  data.slopes.col(0) = data.X.col(0);
  data.y = Vector::NullaryExpr(n, [&] { return 100 + 3 * rng.normal(); });
  return data;
}

struct Made {
  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings = {};
  std::unique_ptr<Model> model;

  Made(const std::string& name, const Data& data, const std::vector<std::string>& statements)
      : design(design_of(data)),
        type(*registry().model(name).type),
        priors(type.parameters(design), statements),
        model(type.make({design, priors, settings})) {}

  double log_marginal(const Vector& phi) const {
    return query<Collapsed>(*model)->log_marginal(phi);
  }
};

const std::vector<std::string> coefficients{"Intercept ~ normal(90, 20)", "b ~ normal(0, 5)"};

std::vector<std::string> plus(std::vector<std::string> more) {
  more.insert(more.begin(), coefficients.begin(), coefficients.end());
  return more;
}

/// log N(y | X m, sigma^2 diag(1/w) + X P^-1 X' + sum Z_j Sigma Z_j'): nothing integrated by hand.
double dense(const Design& design, double sigma, const Matrix& Sigma) {
  const Rows rows = design.all_rows();
  const Eigen::Index n = rows.y.size();
  Matrix V = sigma * sigma * Matrix(rows.weight.cwiseInverse().asDiagonal());
  Vector m(rows.X.cols());
  m << 90, 0, 0;
  Vector variance(rows.X.cols());
  variance << 400, 25, 25;
  V += rows.X * variance.asDiagonal() * rows.X.transpose();
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index k = 0; k < n; ++k) {
      if (rows.level[0][static_cast<std::size_t>(i)] !=
          rows.level[0][static_cast<std::size_t>(k)]) {
        continue;
      }
      V(i, k) += (rows.Z[0].row(i) * Sigma * rows.Z[0].row(k).transpose())(0);
    }
  }
  const Eigen::LLT<Matrix> llt(V);
  return -0.5 * static_cast<double>(n) * std::log(2 * std::numbers::pi) -
         llt.matrixLLT().diagonal().array().log().sum() -
         0.5 * llt.matrixL().solve(rows.y - rows.X * m).squaredNorm();
}

Vector kept_values(double sigma, const Vector& sd, const Matrix& C) {
  Vector phi(1 + sd.size() + C.size());
  phi << sigma, sd, C.reshaped();
  return phi;
}

Matrix correlation(double a, double b, double c) {
  return (Matrix(3, 3) << 1, a, b, a, 1, c, b, c, 1).finished();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_collapsed_density_is_that_of_the_dense_gaussian) {
  const Made made("random_slope", data(7),
                  plus({"sigma ~ uniform(0, 10)", "sd(g) ~ uniform(0, 10)", "cor(g) ~ flat()"}));
  const double priors = -4 * std::log(10);
  const Vector sd = (Vector(3) << 0.7, 1.3, 0.4).finished();
  for (const Matrix& C :
       {correlation(0, 0, 0), correlation(0.3, -0.5, 0.2), correlation(0.999, -0.3, -0.29)}) {
    const Matrix Sigma = sd.asDiagonal() * C * sd.asDiagonal();
    const double value = made.log_marginal(kept_values(1.7, sd, C)) - priors;
    const double expected = dense(made.design, 1.7, Sigma);
    BOOST_TEST(std::abs(value - expected) < 1e-9 * std::abs(expected),
               value << " against " << expected);
  }
  // Standard deviations of zero are no special case.
  const Vector none = (Vector(3) << 0.7, 0, 0.4).finished();
  const Matrix C = correlation(0.3, -0.5, 0.2);
  const double expected = dense(made.design, 1.7, none.asDiagonal() * C * none.asDiagonal());
  BOOST_TEST(std::abs(made.log_marginal(kept_values(1.7, none, C)) - priors - expected) <
             1e-9 * std::abs(expected));
}

BOOST_AUTO_TEST_CASE(independent_columns_have_a_diagonal_covariance) {
  Data independent = data(7);
  independent.correlated = false;
  independent.frequency = Vector::LinSpaced(independent.y.size(), 1, 1);
  const Made made("random_slope", independent,
                  plus({"sigma ~ uniform(0, 10)", "sd(g) ~ uniform(0, 10)"}));
  const Vector phi = (Vector(4) << 1.7, 0.7, 1.3, 0.4).finished();
  const double expected =
      dense(made.design, 1.7, phi.tail(3).cwiseAbs2().asDiagonal().toDenseMatrix());
  BOOST_TEST(std::abs(made.log_marginal(phi) + 4 * std::log(10) - expected) <
             1e-9 * std::abs(expected));
}

BOOST_AUTO_TEST_CASE(an_intercept_alone_is_the_random_intercept) {
  Data intercepts = data(7);
  intercepts.slopes = Matrix();
  for (const std::string scale : {" ~ half_normal(2)", "^2 ~ inv_gamma(3, 2)", " ~ gamma(2, 1)"}) {
    const auto priors = plus({"sigma ~ half_normal(3)", "sd(g)" + scale});
    const Made slopes("random_slope", intercepts, priors);
    const Made intercept("random_intercept", intercepts, priors);
    const Vector phi = (Vector(2) << 1.7, 0.6).finished();
    const double expected = intercept.log_marginal(phi);
    BOOST_TEST(std::abs(slopes.log_marginal(phi) - expected) < 1e-11 * std::abs(expected));

    Rng rng({52, 0, Purpose::test});
    Vector theta(static_cast<Eigen::Index>(slopes.model->layout().size()));
    slopes.model->start(theta, rng);
    const double density = query<LogDensity>(*intercept.model)->log_density(theta);
    BOOST_TEST(std::abs(query<LogDensity>(*slopes.model)->log_density(theta) - density) <
               1e-11 * std::abs(density));
  }
}

BOOST_AUTO_TEST_CASE(a_nearly_dependent_design_loses_no_digits) {
  // By reflections: the covariates differ by 1e-7 of their size, and cross-products by 1e-14.
  Data close = data(7);
  Rng rng({53, 0, Purpose::test});
  for (Eigen::Index i = 0; i < close.X.rows(); ++i) {
    close.X(i, 1) = close.X(i, 0) + 1e-7 * rng.normal();
  }
  const Made made("random_slope", close,
                  plus({"sigma ~ uniform(0, 10)", "sd(g) ~ uniform(0, 10)", "cor(g) ~ flat()"}));
  const Vector sd = (Vector(3) << 0.7, 1.3, 0.4).finished();
  const Matrix C = correlation(0.3, -0.5, 0.2);
  const double expected = dense(made.design, 1.7, sd.asDiagonal() * C * sd.asDiagonal());
  BOOST_TEST(std::abs(made.log_marginal(kept_values(1.7, sd, C)) + 4 * std::log(10) - expected) <
             1e-9 * std::abs(expected));
}

BOOST_AUTO_TEST_CASE(what_is_drawn_given_the_kept_parameters_is_their_conditional) {
  const Made made("random_slope", data(5), plus({"sd(g) ~ half_normal(2)"}));
  const Vector phi =
      kept_values(1.2, (Vector(3) << 0.7, 1.3, 0.4).finished(), correlation(0.3, -0.5, 0.2));
  Rng rng({54, 0, Purpose::test});
  check_conditional(
      *made.model, Vector(static_cast<Eigen::Index>(made.model->layout().size())),
      [&](Vector& theta) { query<Collapsed>(*made.model)->sample_conditional(phi, theta, rng); });
}
