// Classic data sets against lme4's REML fits.
#define BOOST_TEST_MODULE lme4
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>

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

const std::string& text(const Table& table, const std::string& column, std::size_t row) {
  const Column& c = table.at(column);
  return c.levels[static_cast<std::size_t>(c.codes[row])];
}

/// Estimates of the REML fits with one random intercept, by data set and formula.
using Estimates = std::map<std::string, double>;
std::map<std::pair<std::string, std::string>, Estimates> fits() {
  const auto table = read("reference/lme4.csv");
  std::map<std::pair<std::string, std::string>, Estimates> all;
  for (std::size_t i = 0; i < table->rows; ++i) {
    const std::string& formula = text(*table, "formula", i);
    const bool one_intercept = formula.find("(1 | ") != std::string::npos &&
                               formula.find('(') == formula.rfind('(') &&
                               formula.find('/') == std::string::npos;
    if (!one_intercept || text(*table, "REML", i) != "TRUE") continue;
    all[{text(*table, "dataset", i), formula}][text(*table, "parameter", i)] =
        table->at("estimate").numbers[i];
  }
  return all;
}

double group_sd(const Estimates& estimates) {
  for (const auto& [parameter, value] : estimates) {
    if (parameter.starts_with("sd:") && parameter.ends_with("(Intercept)")) return value;
  }
  return std::nan("");
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_collapsed_density_at_lme4s_estimates_is_its_REML_criterion,
                     *boost::unit_test::precondition(reference_is_there)) {
  const auto all = fits();
  for (const auto& [name, estimates] : all) {
    const auto& [dataset, formula] = name;
    BOOST_TEST_CONTEXT(dataset << ", " << formula) {
      const Design design = make_design(formula, read("datasets/" + dataset + ".csv")).design;
      const ModelType& type = *registry().model("random_intercept").type;
      // Flat coefficients, and standard deviations whose prior density is a constant to add back.
      std::vector<std::string> statements{"Intercept ~ flat()", "sigma ~ uniform(0, 1e6)",
                                          "sd(" + design.groupings[0].name + ") ~ uniform(0, 1e6)"};
      if (design.size() > 1) statements.emplace_back("b ~ flat()");
      const Priors priors(type.parameters(design), statements);
      const Settings settings;
      const auto model = type.make({design, priors, settings});
      const Vector kept =
          (Vector(2) << estimates.at("sd:residual"), group_sd(estimates)).finished();
      const double reml = query<Collapsed>(*model)->log_marginal(kept) + 2 * std::log(1e6);
      // The file's estimates have 12 digits, and the criterion is flat there.
      BOOST_TEST(std::abs(reml / estimates.at("logLik") - 1) < 1e-9,
                 reml << " against " << estimates.at("logLik"));
    }
  }
  BOOST_TEST(all.size() >= 11);
}

BOOST_AUTO_TEST_CASE(the_demo_agrees_with_lme4,
                     *boost::unit_test::precondition(reference_is_there)) {
  const std::string formula = "log_radon ~ floor + log_uranium + (1 | county)";
  const Estimates estimates = fits().at({"rstanarm_radon", formula});
  const Design design = make_design(formula, read("datasets/rstanarm_radon.csv")).design;
  const Fitted fitted = fit(
      design,
      {.sampler = "collapsed", .plan = {.chains = 4, .warmup = 1000, .draws = 1000, .seed = 1}});
  // Default priors are weak: a posterior mean is nearer to the estimate than a tenth of a posterior
  // standard deviation and 4 Monte Carlo errors; the groups' sd, whose posterior is skew, half of
  // one.
  const auto check = [&](const std::string& parameter, double estimate, double part) {
    BOOST_TEST(std::abs(fitted.at(parameter, "mean") - estimate) <
                   part * fitted.at(parameter, "sd") + 4 * fitted.at(parameter, "mcse_mean"),
               parameter << ": " << fitted.at(parameter, "mean") << " against " << estimate);
  };
  check("b[Intercept]", estimates.at("fixef:(Intercept)"), 0.1);
  check("b[floor]", estimates.at("fixef:floor"), 0.1);
  check("b[log_uranium]", estimates.at("fixef:log_uranium"), 0.1);
  check("sigma", estimates.at("sd:residual"), 0.1);
  check("sd_county[Intercept]", estimates.at("sd:county:(Intercept)"), 0.5);
}
