// NUTS where group effects may vanish: draws reach an sd near 0 as often as they should.
#define BOOST_TEST_MODULE near_zero
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "fit.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

struct Case {
  std::string name;
  std::string model;
  std::string file;
  std::string formula;
  std::vector<std::string> priors;
  std::string reference;  // the sampler that is right here

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

std::vector<Case> cases() {
  const std::string factors = "cases/T02-nuts-near-zero/data.csv";
  const std::string slopes = "cases/T04-nuts-uniform-coefficient/data.csv";
  const std::string nested = "y ~ 1 + (1 | t) + (1 | m) + (1 | l)";
  const std::string line = "y ~ 1 + x + (1 | g)";
  const std::vector<std::string> half_normal{"Intercept ~ normal(0, 5)", "sigma ~ half_normal(1)",
                                             "sd(g) ~ half_normal(1)"};
  const auto with = [&](const std::string& prior) {
    std::vector<std::string> all = half_normal;
    all.push_back(prior);
    return all;
  };
  const std::vector<std::string> half_cauchy{"Intercept ~ normal(0, 5)", "sd(t) ~ half_cauchy(1)",
                                             "sd(m) ~ half_cauchy(1)", "sd(l) ~ half_cauchy(1)",
                                             "sigma ~ half_cauchy(1)"};
  return {{"three factors, half-Cauchy", "crossed", factors, nested, half_cauchy, "collapsed"},
          {"two factors, uniform",
           "crossed",
           factors,
           "y ~ 1 + (1 | t) + (1 | l)",
           {"Intercept ~ normal(0, 5)", "sd(t) ~ uniform(0, 3)", "sd(l) ~ uniform(0, 3)",
            "sigma ~ half_normal(1)"},
           "collapsed"},
          {"a uniform coefficient", "random_intercept", slopes, line,
           with("b[x] ~ uniform(0.55, 2)"), "gibbs"},
          {"a Cauchy coefficient", "random_intercept", slopes, line, with("b[x] ~ cauchy(0, 1)"),
           "gibbs"},
          {"a half-Cauchy sd and a Student-t coefficient",
           "random_intercept",
           slopes,
           line,
           {"Intercept ~ normal(0, 5)", "sigma ~ half_cauchy(1)", "sd(g) ~ half_cauchy(1)",
            "b[x] ~ student_t(3, 0, 1)"},
           "gibbs"},
          {"independent slopes, a uniform coefficient", "random_slope", slopes,
           "y ~ 1 + x + (1 + x || g)", with("b[x] ~ uniform(0.2, 2)"), "gibbs"}};
}

}  // namespace

BOOST_DATA_TEST_CASE(draws_come_near_0_as_often_as_they_should,
                     boost::unit_test::data::make(cases()), problem) {
  const std::string file = shared(problem.file);
  const Design design =
      make_design(problem.formula, io::read_table(std::vector<std::string>{file})).design;
  const auto by = [&](const std::string& sampler, const std::vector<std::string>& settings,
                      std::size_t draws, std::uint64_t seed) {
    return fit(design, {.model = problem.model,
                        .sampler = sampler,
                        .priors = problem.priors,
                        .settings = settings,
                        .plan = {.warmup = 1000, .draws = draws, .seed = seed}});
  };
  const Fitted right = by(problem.reference, {}, 40'000, 1);

  std::vector<std::string> sds;
  for (const std::string& name : right.table.rows) {
    if (name.starts_with("sd_")) sds.push_back(name);
  }
  for (const std::vector<std::string>& settings :
       {std::vector<std::string>{"target=full"}, {"target=full", "effects=centered"}, {}}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const Fitted fitted = by("nuts", settings, 2500, seed);
      if (!fitted.called_good()) continue;
      for (const std::string& sd : sds) {
        for (const double p : {0.01, 0.05}) {
          const Vector all = right.column(sd);
          std::vector<double> sorted(all.begin(), all.end());
          std::ranges::sort(sorted);
          const double q = sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size()))];
          const auto share = [&](const Fitted& of) {
            const Matrix below = (of.column(sd).array() < q).cast<double>();
            const ReportTable table = summarise(below, {"below"}, 4);
            const auto at = [&](const char* name) {
              return table.at(0, static_cast<std::size_t>(std::ranges::find(table.columns, name) -
                                                          table.columns.begin()));
            };
            return std::pair{at("mean"), at("mcse_mean")};
          };
          const auto [here, error] = share(fitted);
          const auto [there, its_error] = share(right);
          // 4 standard errors: 6e-5 for each of some 150 comparisons.
          BOOST_TEST(std::abs(here - there) < 4 * std::hypot(error, its_error),
                     (settings.empty() ? "default" : settings.back())
                         << ", seed " << seed << ", " << sd << ": share " << here << " below the "
                         << p << " quantile, error " << error);
        }
      }
    }
  }
}
