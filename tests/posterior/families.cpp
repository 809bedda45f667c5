// Other families than the normal: reference posteriors by each sampler, and maxima of the
// likelihood that R found.
#define BOOST_TEST_MODULE families
#include <cmath>
#include <map>
#include <tuple>

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

/// Posteriors of real data by Stan (rstanarm 2.21, 4 x 1000 draws, at least 1500 effective; in
/// grouse 417): means and sds to four digits.
struct Witness {
  std::string dataset, formula, family, sd;
  double effective;
  std::vector<std::tuple<std::string, double, double>> of;  // the sd's square by the last
};

std::ostream& operator<<(std::ostream& out, const Witness& witness) {
  return out << witness.dataset;
}

const std::vector<Witness> witnesses = {
    {"Contraception",
     "use ~ I(age/10) + I(age^2/100) + urban + factor(livch) + (1 | district)",
     "bernoulli",
     "sd_district[Intercept]",
     1544,
     {{"b[I(age/10)]", 0.0387, 0.0909},
      {"b[I(age^2/100)]", -0.4618, 0.0718},
      {"b[urbanY]", 0.6953, 0.1204},
      {"b[factor(livch)1]", 0.8081, 0.1602},
      {"b[factor(livch)2]", 0.9049, 0.1826},
      {"b[factor(livch)3+]", 0.9076, 0.1840},
      {"b[Intercept]", -1.0308, 0.1725},
      {"", 0.2535, 0.0859}}},
    {"grouseticks",
     "TICKS ~ factor(YEAR) + I(cHEIGHT/100) + (1 | BROOD)",
     "poisson",
     "sd_BROOD[Intercept]",
     417,
     {{"b[Intercept]", 0.4953, 0.197},
      {"b[factor(YEAR)96]", 1.154, 0.248},
      {"b[factor(YEAR)97]", -0.987, 0.278},
      {"b[I(cHEIGHT/100)]", -2.351, 0.309},
      {"", 0.989, 0.183}}}};
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

BOOST_DATA_TEST_CASE(nuts_agrees_with_stan, boost::unit_test::data::make(witnesses), witness) {
  if (!reference_is_there(0)) return;
  const Design design =
      design_of(witness.formula, "datasets/" + witness.dataset + ".csv", witness.family, true);
  const std::string g = design.groupings.front().name;
  const Fitted fitted =
      fit(design, {.model = "random_intercept",
                   .sampler = "nuts",
                   .priors = {"Intercept ~ normal(0, 2.5)", "b ~ normal(0, 2.5)",
                              "sd(" + g + ") ~ exponential(1)"},
                   .plan = {.chains = 2, .warmup = 500, .draws = 1000, .seed = 1}});
  for (const auto& [name, mean, sd] : witness.of) {
    const Vector draws =
        name.empty() ? Vector(fitted.column(witness.sd).array().square()) : fitted.column(name);
    const std::string& judged = name.empty() ? witness.sd : name;
    const double own = std::sqrt((draws.array() - draws.mean()).square().mean());
    // 4 Monte Carlo standard errors, theirs and ours.
    const double error = std::hypot(sd / std::sqrt(witness.effective),
                                    own / std::sqrt(fitted.at(judged, "ess_bulk")));
    BOOST_TEST(std::abs(draws.mean() - mean) < 4 * error,
               judged << ": " << draws.mean() << " instead of " << mean);
    BOOST_TEST(std::abs(own / sd - 1) < 0.15, judged << ": sd " << own << " instead of " << sd);
  }
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
