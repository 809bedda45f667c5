// Groups with residual variances of their own.
#define BOOST_TEST_MODULE variances
#include <boost/math/special_functions/digamma.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <memory>

#include "conditional.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "shared_data.hpp"
#include "tarn/distributions.hpp"
#include "tarn/error.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

const std::string name = "group_variance";

/// Groups of 1, 2, ... rows, one slope, weights; the first covariate is the slope's.
Data data(std::int32_t groups) {
  Rng rng({61, 0, Purpose::test});
  Data data;
  for (std::int32_t j = 0; j < groups; ++j) {
    data.level.insert(data.level.end(), static_cast<std::size_t>(j + 1), j);
  }
  const auto n = static_cast<Eigen::Index>(data.level.size());
  data.X = Matrix::NullaryExpr(n, 2, [&] { return 3 + rng.normal(); });
  data.slopes = data.X.leftCols(1);
  data.y = Vector::NullaryExpr(n, [&] { return 100 + 3 * rng.normal(); });
  data.frequency = Vector::NullaryExpr(n, [&] { return 0.5 + rng.uniform(); });
  return data;
}

struct Made {
  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings = {};
  std::unique_ptr<Model> model;

  Made(const Data& data, const std::vector<std::string>& statements)
      : design(design_of(data)),
        type(*registry().model(name).type),
        priors(type.parameters(design), statements),
        model(type.make({design, priors, settings})) {}

  Vector start(std::uint32_t chain) const {
    Rng rng({62, chain, Purpose::test});
    Vector theta(static_cast<Eigen::Index>(model->layout().size()));
    model->start(theta, rng);
    return theta;
  }
  Vector block(ConstVectorRef theta, const std::string& block) const {
    return model->layout().of(theta, *model->layout().find(block));
  }
};

/// log p(y, r | b, sigma, Sigma) row by row, and group by group.
double of_rows(const Made& made, const Vector& theta) {
  const Rows rows = made.design.all_rows();
  Vector b = made.block(theta, "b");
  made.design.to_working(b);
  const auto sigma = made.block(theta, "sigma_g");
  const auto sd = made.block(theta, "sd_g");
  const auto C = made.block(theta, "cor_g");
  const auto r = made.block(theta, "r_g");
  double sum = 0;
  for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
    const auto j = rows.level[0][static_cast<std::size_t>(i)];
    const double mean = rows.X.row(i).dot(b) + rows.Z[0].row(i).dot(r.segment(2 * j, 2));
    sum += rows.frequency[i] * normal_log_density(rows.y[i], mean, sigma[j]);
  }
  for (Eigen::Index j = 0; j < sigma.size(); ++j) {  // the second effect given the first
    const double z = r[2 * j] / sd[0];
    sum += normal_log_density(r[2 * j], 0, sd[0]) +
           normal_log_density(r[2 * j + 1], C[1] * sd[1] * z, sd[1] * std::sqrt(1 - C[1] * C[1]));
  }
  return sum;
}

void is_close(double value, double expected) {
  BOOST_TEST(std::abs(value - expected) < 1e-10 * std::abs(expected),
             value << " against " << expected);
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

/// A group's rows count through these three alone.
struct School {
  int rows;
  double mean;
  double squares;  // about the mean
};

/// Rows with these means and sums of squares: one above the mean, one below it, the others on it.
Data scores(const std::vector<School>& schools) {
  Data data;
  std::vector<double> y;
  for (std::size_t j = 0; j < schools.size(); ++j) {
    const School& school = schools[j];
    const double step = std::sqrt(school.squares / 2);
    for (int i = 0; i < school.rows; ++i) {
      data.level.push_back(static_cast<std::int32_t>(j));
      y.push_back(school.mean + (i == 0 ? step : i == 1 ? -step : 0));
    }
  }
  data.y = Eigen::Map<Vector>(y.data(), static_cast<Eigen::Index>(y.size()));
  data.X.resize(data.y.size(), 0);
  return data;
}

const std::vector<School> three_schools{
    {30, 47.759995, 2757.6586}, {20, 52.11298, 5222.6199}, {40, 41.615194, 3932.3491}};
const std::vector<School> eight_schools{{48, 48.079612, 2099.3612}, {16, 49.672401, 812.0415},
                                        {57, 55.160946, 6685.3232}, {10, 54.239, 308.5552},
                                        {52, 46.694947, 2715.0209}, {14, 52.848396, 2221.0992},
                                        {48, 46.763606, 3386.6688}, {22, 51.315154, 1856.5267}};

std::string refusal(const Data& data, const std::vector<std::string>& priors) {
  try {
    const Made made(data, priors);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_density_is_that_of_the_rows) {
  const std::vector<std::string> means{"Intercept ~ normal(90, 20)", "b ~ normal(0, 5)",
                                       "sd(g) ~ uniform(0, 9)", "cor(g) ~ flat()"};
  const auto plus = [&](std::vector<std::string> more) {
    more.insert(more.end(), means.begin(), means.end());
    return more;
  };
  const Made estimated(data(6), plus({"shape(g) ~ gamma(3, 2)", "typical(g)^2 ~ gamma(2, 0.3)"}));
  const Made given(data(6), plus({"sigma ~ gamma(2, 0.3)"}));
  const auto of_means = [&](const Made& made, const Vector& theta) {
    Vector b = made.block(theta, "b");
    made.design.to_working(b);
    return of_rows(made, theta) + normal_log_density(b[0], 90, 20) +
           normal_log_density(b[1], 0, 5) + normal_log_density(b[2], 0, 5) - 2 * std::log(9);
  };
  const Density of_typical = Density::parse("gamma(2, 0.3)");
  for (std::uint32_t chain = 0; chain < 5; ++chain) {
    Vector theta = given.start(chain);
    double expected = of_means(given, theta);
    for (const double sigma : given.block(theta, "sigma_g")) {
      expected += of_typical.log_density(sigma);
    }
    is_close(query<LogDensity>(*given.model)->log_density(theta), expected);

    theta = estimated.start(chain);
    const double a = estimated.block(theta, "shape_g")[0];
    const double b = estimated.block(theta, "scale_g")[0];
    // The prior is that of a and v = b / a, and |dv / db| = 1 / a.
    expected = of_means(estimated, theta) + Density::parse("gamma(3, 2)").log_density(a) +
               of_typical.log_density(b / a) - std::log(a);
    for (const double sigma : estimated.block(theta, "sigma_g")) {
      expected += inv_gamma_log_density(sigma * sigma, a, b) + std::log(2 * sigma);
    }
    is_close(query<LogDensity>(*estimated.model)->log_density(theta), expected);
  }
}

BOOST_AUTO_TEST_CASE(far_out_the_density_is_not_finite_and_nothing_else_happens) {
  // Where a first step of NUTS may land: numbers that exp() has turned to 0 or infinity.
  for (const std::vector<std::string>& priors : {std::vector<std::string>{},
                                                 {"scale(g) ~ half_cauchy(3)"},
                                                 {"sigma ~ half_normal(2)"},
                                                 {"sigma^2 ~ inv_gamma(3, 2)"}}) {
    const Made made(data(4), priors);
    for (const double out : {0.0, std::numeric_limits<double>::infinity()}) {
      for (std::size_t k = 0; k < made.model->layout().blocks(); ++k) {
        if (made.model->layout().block(k).support != Support::positive) continue;
        Vector theta = made.start(0);
        made.model->layout().of(VectorRef(theta), k)[0] = out;
        Vector gradient(theta.size());
        BOOST_TEST(!std::isfinite(query<LogDensity>(*made.model)->log_density(theta)));
        BOOST_TEST(
            !std::isfinite(query<Gradient>(*made.model)->log_density_gradient(theta, gradient)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(coefficients_and_effects_are_drawn_from_their_conditional) {
  for (const bool nearly_dependent : {false, true}) {
    Data rows = data(5);
    if (nearly_dependent) rows.X.col(1) = rows.X.col(0) + 1e-6 * rows.X.col(1);
    // Priors that pin the sds, which the step draws too.
    const Made made(
        rows, {"Intercept ~ normal(90, 20)", "b ~ normal(0, 5)", "sd(g) ~ uniform(1.2, 1.200001)"});
    Rng rng({63, 0, Purpose::test});
    const Vector theta = made.start(0);
    auto& steps = *query<FullConditionals>(*made.model);
    BOOST_TEST(steps.steps().front().name == "sd, b, r | sigma, cor");
    check_conditional(*made.model, theta,
                      [&](Vector& at) { steps.draw(steps.steps().front().id, at, rng); });
  }
}

BOOST_AUTO_TEST_CASE(gibbs_and_nuts_agree) {
  const Design design = design_of(scores(eight_schools));
  for (const std::vector<std::string>& priors :
       {std::vector<std::string>{"sd(g)^2 ~ inv_gamma(3, 30)"},
        {"sd(g)^2 ~ inv_gamma(3, 30)", "sigma(g)^2 ~ inv_gamma(3, 200)"}}) {
    const Fitted gibbs = fit(design, {.model = name, .priors = priors});
    const Fitted plain =
        fit(design, {.model = name, .priors = priors, .settings = {"scheme=plain"}});
    const Fitted nuts = fit(
        design,
        {.model = name, .sampler = "nuts", .priors = priors, .settings = {"target_accept=0.95"}});
    for (const std::string& parameter : gibbs.table.rows) {
      agree(gibbs, nuts, parameter);
      agree(gibbs, plain, parameter);
    }
  }
}

BOOST_AUTO_TEST_CASE(three_and_eight_schools_have_their_reference_posteriors,
                     *boost::unit_test::precondition(reference_is_there)) {
  // y_ij ~ N(mu_j, sigma_j^2), mu_j ~ N(mu, tau^2), sigma_j^2 ~ IG(3, 200), as measured by others.
  const auto table =
      io::read_table(std::vector<std::string>{shared("bench/reference_posteriors.csv")});
  const auto text = [&](const std::string& column, std::size_t i) {
    const Column& c = table->at(column);
    return c.levels[static_cast<std::size_t>(c.codes[i])];
  };
  int checked = 0;
  for (const auto& [problem, schools] :
       {std::pair{"hetero3", three_schools}, {"hetero8", eight_schools}}) {
    const Fitted fitted = fit(design_of(scores(schools)),
                              {.model = name,
                               .priors = {"sigma^2 ~ inv_gamma(3, 200)",
                                          "Intercept ~ normal(50, 25)", "sd(g) ~ half_normal(10)"},
                               .plan = {.chains = 4, .warmup = 500, .draws = 10'000, .seed = 1}});
    Matrix values(40'000, 4);
    values << fitted.column("b[Intercept]"), fitted.column("sd_g[Intercept]"),
        fitted.column("b[Intercept]") + fitted.column("r_g[1,Intercept]"),
        fitted.column("sigma_g[1]").cwiseAbs2();
    const std::vector<std::string> names{"mu", "tau", "mu_1", "var_1"};
    const ReportTable ours = summarise(values, names, 4);
    const auto at = [&](std::size_t row, const std::string& column) {
      const auto found = std::ranges::find(ours.columns, column);
      return ours.at(row, static_cast<std::size_t>(found - ours.columns.begin()));
    };
    for (std::size_t i = 0; i < table->rows; ++i) {
      if (text("problem", i) != problem) continue;
      const auto k =
          static_cast<std::size_t>(std::ranges::find(names, text("parameter", i)) - names.begin());
      const double error = std::hypot(at(k, "mcse_mean"), table->at("mcse").numbers[i]);
      const double z = (at(k, "mean") - table->at("mean").numbers[i]) / error;
      BOOST_TEST(std::abs(z) < 4, problem << ", " << names[k] << ", z = " << z);
      ++checked;
    }
  }
  BOOST_TEST(checked == 8);
}

BOOST_AUTO_TEST_CASE(what_it_cannot_take_is_refused_in_words) {
  const ModelType& type = *registry().model(name).type;
  Data rows = data(3);
  BOOST_TEST(!type.refuses(design_of(rows)).has_value());
  BOOST_TEST(!type.generality.has_value());  // only by name
  Data known = rows;
  known.se = Vector::Ones(rows.y.size());
  BOOST_TEST(*type.refuses(design_of(known)) ==
             "it estimates the residual variance of every group, and with se(s) they are known; "
             "drop se(s), or the model");
  Data pooled = rows;
  pooled.level.clear();
  BOOST_TEST(*type.refuses(design_of(pooled)) ==
             "the formula has no group term; it needs one, such as (1 | g), to name the groups");

  BOOST_TEST(refusal(rows, {"b ~ scaled_normal(0, 1)"}) ==
             "prior 'b ~ scaled_normal(0, 1)': scaled_normal is for coefficients of models with a "
             "sigma; 'b[x1]' takes another density");
  BOOST_TEST(refusal(rows, {"sigma ~ half_normal(1)", "shape(g) ~ gamma(2, 1)"}) ==
             "prior 'sigma(g) ~ half_normal(1)' already says all about 'shape(g) ~ gamma(2, 1)'; "
             "give one of the two");
  BOOST_TEST(refusal(rows, {"shape(g) ~ flat()"}) ==
             "with the flat prior 'shape(g) ~ flat()' the posterior is improper: groups of equal "
             "variances allow any shape; give it a proper prior such as gamma(2, 0.2)");
  BOOST_TEST(
      refusal(rows, {"sigma ~ flat()"}) ==
      "with the flat prior 'sigma(g) ~ flat()' every group must count more than 1 row, and '1' "
      "of 'g' does not; give it a proper prior, or none: then the groups' variances inform "
      "each other");
}

BOOST_AUTO_TEST_CASE(digamma_has_its_known_values) {
  for (const double x : {1e-6, 0.3, 1.0, 2.5, 11.9, 12.0, 40.0, 1e6}) {
    const double expected = boost::math::digamma(x);
    // Rounding of some ten terms.
    BOOST_TEST(std::abs(digamma(x) - expected) < 1e-14 * (1 + std::abs(expected)), x);
  }
}
