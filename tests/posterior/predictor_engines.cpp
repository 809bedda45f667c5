// With formulas for parameters of the family the engines give one posterior.
#define BOOST_TEST_MODULE predictor_engines
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "predictor_fits.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

struct Problem {
  PredictorCase fitted;
  std::vector<std::string> engines;

  friend std::ostream& operator<<(std::ostream& out, const Problem& p) { return out << p.fitted; }
};

const std::vector<Problem> problems = {
    {{"gaussian", {"y ~ x + (1 | g)", "sigma ~ x"}}, {"collapsed", "pivot"}},
    {{"gaussian", {"y ~ x + (1 + x | g)", "sigma ~ z"}, {"cor(g) ~ lkj(2)"}}, {"pivot"}},
    {{"gaussian", {"y ~ z", "sigma ~ x + (1 | g)"}}, {"slice"}},
    {{"negbinomial", {"y ~ x", "shape ~ x"}, {"Intercept_shape ~ normal(0, 1)"}},
     {"collapsed", "pivot"}},
    {{"zero_inflated_poisson", {"y ~ x + (1 | g)", "zi ~ z"}, {"b_zi ~ normal(0, 1)"}}, {"pivot"}}};

Fitted fitted(const Problem& p, const std::string& sampler) {
  const auto family = make_family(registry(), p.fitted.family);
  const Design design =
      predictor_design(p.fitted.family, p.fitted.formulas,
                       predictor_table(*family, response_kind(registry(), p.fitted.family), 96));
  std::vector<std::string> priors{"Intercept ~ normal(0, 2)", "b ~ normal(0, 1)"};
  if (!design.groupings.empty()) priors.emplace_back("sd(g) ~ exponential(1)");
  priors.insert(priors.end(), p.fitted.priors.begin(), p.fitted.priors.end());
  std::vector<std::string> settings;
  if (sampler == "nuts") settings = {"target=full", "target_accept=0.95"};
  if (sampler == "slice") settings = {"target=full"};
  return fit(design, {.model = registry().model_for(design).type->name,
                      .sampler = sampler,
                      .priors = priors,
                      .settings = settings,
                      .plan = {.chains = 4, .warmup = 500, .draws = 2000, .seed = 5}});
}

}  // namespace

BOOST_DATA_TEST_CASE(engines_agree_with_nuts, boost::unit_test::data::make(problems), problem) {
  const Fitted nuts = fitted(problem, "nuts");
  for (const std::string& engine : problem.engines) {
    const Fitted other = fitted(problem, engine);
    BOOST_TEST_REQUIRE(other.table.rows == nuts.table.rows);
    for (const std::string& parameter : nuts.table.rows) {
      // About 100 differences, each below 4.5 of its standard errors but for 7 in 1e6.
      for (const auto& [figure, error] :
           {std::array{"mean", "mcse_mean"}, std::array{"sd", "mcse_sd"}}) {
        const double off = other.at(parameter, figure) - nuts.at(parameter, figure);
        const double size = std::hypot(other.at(parameter, error), nuts.at(parameter, error));
        BOOST_TEST(std::abs(off) < 4.5 * size, engine << ", " << figure << " of " << parameter
                                                      << ": off by " << off / size << " errors");
      }
    }
  }
}
