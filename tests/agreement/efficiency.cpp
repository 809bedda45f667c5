// Effective draws per draw of the sampler `collapsed`.
#define BOOST_TEST_MODULE efficiency
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "problems.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

constexpr std::size_t chains = 4;
constexpr std::size_t draws = 2500;

double least(const Fitted& fitted, const std::string& column, bool effects) {
  double least = 1e300;
  for (const std::string& name : fitted.table.rows) {
    if (name.starts_with("r_") == effects) least = std::min(least, fitted.at(name, column));
  }
  return least;
}

/// The smallest bulk ESS among `count` columns of independent normal draws.
double least_of_independent(std::size_t count) {
  Rng rng({62, 0, Purpose::test});
  Matrix values(static_cast<Eigen::Index>(chains * draws), static_cast<Eigen::Index>(count));
  rng.normal({values.data(), static_cast<std::size_t>(values.size())});
  const ReportTable table = summarise(values, std::vector<std::string>(count, "z"), chains);
  const auto column = static_cast<std::size_t>(std::ranges::find(table.columns, "ess_bulk") -
                                               table.columns.begin());
  double least = 1e300;
  for (std::size_t row = 0; row < count; ++row) least = std::min(least, table.at(row, column));
  return least;
}

void check(const Problem& problem) {
  BOOST_TEST_CONTEXT(problem.name) {
    const Fitted fitted =
        fit(problem.design, {.model = problem.model,
                             .sampler = "collapsed",
                             .priors = problem.priors,
                             .plan = {.chains = chains, .warmup = 100, .draws = draws, .seed = 1}});
    const double all = chains * draws;
    std::size_t effects = 0;
    for (const std::string& name : fitted.table.rows) effects += name.starts_with("r_") ? 1 : 0;
    // What the sampler promises; independent draws of so few parameters show 0.93 at the least.
    BOOST_TEST(least(fitted, "ess_bulk", false) > 0.85 * all);
    BOOST_TEST(least(fitted, "ess_tail", false) > 0.6 * all);
    BOOST_TEST(least(fitted, "ess_bulk", true) > 0.85 * least_of_independent(effects));
  }
}

Problem simulated(const std::string& name, const Data& data,
                  const std::vector<std::string>& priors = {}) {
  return {name, data.slopes.cols() > 0 ? "random_slope" : "random_intercept", design_of(data),
          priors};
}

Problem read(const std::string& file, const std::string& formula,
             const std::vector<std::string>& priors = {}) {
  Problem problem{file + ", " + formula, "", design_of_file(file, formula), priors};
  problem.model = registry().model_for(problem.design).type->name;
  return problem;
}

}  // namespace

BOOST_AUTO_TEST_CASE(eight_groups_of_fifteen) {
  check(simulated("8 x 15", simulated_groups(8, 15, 1, 0)));
}

BOOST_AUTO_TEST_CASE(a_million_rows_in_ten_thousand_groups) {
  check(simulated("1e6 x 1e4", simulated_groups(10'000, 100, 5, 0)));
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_rows_with_two_correlated_slopes) {
  check(simulated("1e5 x 1e3", simulated_groups(1000, 100, 2, 2)));
}

BOOST_AUTO_TEST_CASE(classic_data, *boost::unit_test::precondition(reference_is_there)) {
  const std::string days = "Reaction ~ Days + (Days | Subject)";
  check(read("datasets/rstanarm_radon.csv", "log_radon ~ floor + log_uranium + (1 | county)"));
  check(read("reference/posteriordb/eight_schools/data.csv", "y | se(sigma) ~ 1 + (1 | school)",
             {"Intercept ~ normal(0, 5)", "sd(school) ~ half_cauchy(5)"}));
  check(read("datasets/sleepstudy.csv", days, {"cor(Subject) ~ lkj(2)"}));
  check(read("datasets/sleepstudy.csv", days, {"cov(Subject) ~ inv_wishart(4, 30)"}));
  // The groups' variance is nearly zero.
  check(read("datasets/Dyestuff2.csv", "Yield ~ 1 + (1 | Batch)"));
}
