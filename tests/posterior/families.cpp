// Other families than the normal: reference posteriors by each sampler, and maxima of the
// likelihood that R found.
#define BOOST_TEST_MODULE families
#include <cmath>
#include <map>

#include <Eigen/Dense>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "fit.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

std::shared_ptr<const Table> read(const std::string& path) {
  return io::read_table(std::vector<std::string>{shared(path)});
}

Design design_of(const std::string& formula, const std::string& path, const std::string& family,
                 bool center) {
  ParsedDesign parsed = make_design(
      formula, read(path), {.center = center, .response = response_kind(registry(), family)});
  set_family(registry(), family, parsed.design, parsed.row_numbers);
  return parsed.design;
}

/// A posterior of reference/posteriordb, with the names that its parameters have here.
struct Known {
  std::string name, formula, family, model;
  std::vector<std::string> priors;
  std::map<std::string, std::string> parameters;
};

std::ostream& operator<<(std::ostream& out, const Known& known) { return out << known.name; }

const std::vector<Known> references = {
    {"GLM_Binomial_data-GLM_Binomial_model",
     "C | trials(N) ~ year + I(year^2)",
     "binomial",
     "pooled",
     {"Intercept ~ normal(0, 100)", "b ~ normal(0, 100)"},
     {{"alpha", "b[Intercept]"}, {"beta1", "b[year]"}, {"beta2", "b[I(year^2)]"}}},
    {"wells_data-wells_dist100ars_model",
     "switched ~ I(dist/100) + arsenic",
     "bernoulli",
     "pooled",
     {"Intercept ~ flat()", "b ~ flat()"},
     {{"alpha", "b[Intercept]"}, {"beta[1]", "b[I(dist/100)]"}, {"beta[2]", "b[arsenic]"}}},
    {"surgical_data-surgical_model",
     "r | trials(n) ~ 1 + (1 | hospital)",
     "binomial",
     "random_intercept",
     {"Intercept ~ normal(0, 1000)", "sd(hospital)^2 ~ inv_gamma(0.001, 0.001)"},
     {{"mu", "b[Intercept]"}, {"sigma", "sd_hospital[Intercept]"}}},
    // An effect for each row, the overdispersion of a Poisson response.
    {"GLMM_Poisson_data-GLMM_Poisson_model",
     "C ~ year + I(year^2) + I(year^3) + (1 | year)",
     "poisson",
     "random_intercept",
     {"Intercept ~ uniform(-20, 20)", "b[year] ~ uniform(-10, 10)",
      "b[I(year^2)] ~ uniform(-10, 20)", "b[I(year^3)] ~ uniform(-10, 10)",
      "sd(year) ~ uniform(0, 5)"},
     {{"alpha", "b[Intercept]"},
      {"beta1", "b[year]"},
      {"beta2", "b[I(year^2)]"},
      {"beta3", "b[I(year^3)]"},
      {"sigma", "sd_year[Intercept]"}}}};

const std::vector<std::string> samplers = {"nuts", "collapsed", "pivot"};

struct Maximum {
  std::string dataset, formula, family;
  double log_likelihood;             // NaN: not known
  std::vector<double> coefficients;  // in the order of the design's columns
  std::vector<double> psi;
};

std::ostream& operator<<(std::ostream& out, const Maximum& m) { return out << m.dataset; }

// From reference/families/ml.csv.
const std::vector<Maximum> maxima = {{"quine",
                                      "Days ~ Eth + Sex + Age + Lrn",
                                      "negbinomial",
                                      -546.575509145,
                                      {2.89457999, -0.5693716974, 0.08232028415, -0.4484281499,
                                       0.08808015211, 0.3569009714, 0.292109157},
                                      {1.274892645}},
                                     {"clotting",
                                      "time ~ lot * log(u)",
                                      "gamma",
                                      NAN,
                                      {5.503225285, -0.584471416, -0.6019161783, 0.03448168265},
                                      {57.1713014246}}};

}  // namespace

BOOST_DATA_TEST_CASE(samplers_find_the_reference_posterior,
                     boost::unit_test::data::make(references) *
                         boost::unit_test::data::make(samplers),
                     known, sampler) {
  if (!reference_is_there(0)) return;
  const std::string folder = "reference/posteriordb/" + known.name + "/";
  const Design design = design_of(known.formula, folder + "data.csv", known.family, false);
  BOOST_TEST(registry().model_for(design).type->name == known.model);
  const bool nuts = sampler == "nuts";
  const Fitted fitted =
      fit(design, {.model = known.model,
                   .sampler = sampler,
                   .priors = known.priors,
                   .settings = nuts ? std::vector<std::string>{"target=full", "target_accept=0.95"}
                                    : std::vector<std::string>{},
                   .plan = {.chains = 4, .warmup = 1000, .draws = 2500, .seed = 1}});
  const auto table = read(folder + "reference.csv");
  const Column& names = table->at("parameter");
  std::size_t found = 0;
  for (std::size_t i = 0; i < table->rows; ++i) {
    const std::string& theirs = names.levels[static_cast<std::size_t>(names.codes[i])];
    if (!known.parameters.contains(theirs)) continue;
    ++found;
    const std::string& ours = known.parameters.at(theirs);
    const auto of = [&](const char* column) { return table->at(column).numbers[i]; };
    // 4 Monte Carlo standard errors, theirs and ours.
    const double mean_error = std::hypot(of("mcse_mean"), fitted.at(ours, "mcse_mean"));
    BOOST_TEST(std::abs(fitted.at(ours, "mean") - of("mean")) < 4 * mean_error,
               ours << ": " << fitted.at(ours, "mean") << " instead of " << of("mean"));
    const double sd_error = std::hypot(of("mcse_sd"), fitted.at(ours, "mcse_sd"));
    BOOST_TEST(std::abs(fitted.at(ours, "sd") - of("sd")) < 4 * sd_error,
               ours << ": sd " << fitted.at(ours, "sd") << " instead of " << of("sd"));
  }
  BOOST_TEST(found == known.parameters.size());
}

BOOST_DATA_TEST_CASE(the_gradient_vanishes_at_r_s_maximum, boost::unit_test::data::make(maxima),
                     known) {
  if (!reference_is_there(0)) return;
  const Design design =
      design_of(known.formula, "datasets/" + known.dataset + ".csv", known.family, false);
  const Rows rows = design.all_rows();
  const Vector b = Eigen::Map<const Vector>(known.coefficients.data(), rows.X.cols());
  const Matrix psi = Eigen::Map<const Vector>(known.psi.data(), std::ssize(known.psi)).transpose();
  const Vector eta = rows.X * b;
  Vector l(eta.size()), score(eta.size()), curvature(eta.size());
  Matrix of_psi(eta.size(), psi.cols());
  design.family->log_likelihood(rows, eta, psi, l);
  design.family->derivatives(rows, eta, psi, score, curvature);
  design.family->psi_scores(rows, eta, psi, of_psi);
  // Ten digits are given: the log likelihood is as flat as its maximum, and gradients, in units of
  // standard errors of the coefficients, are below the tolerance of R's iterations.
  if (std::isfinite(known.log_likelihood)) {
    BOOST_TEST(std::abs(l.sum() - known.log_likelihood) < 1e-7);
  }
  const Matrix information = rows.X.transpose() * curvature.asDiagonal() * rows.X;
  const Vector gradient = rows.X.transpose() * score;
  BOOST_TEST(gradient.dot(information.ldlt().solve(gradient)) < 1e-8);
  BOOST_TEST(of_psi.colwise().sum().cwiseAbs().maxCoeff() < 1e-4);
}
