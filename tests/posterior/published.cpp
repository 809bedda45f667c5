// Published posteriors, at the exact values that go with them.
#define BOOST_TEST_MODULE published
#include <algorithm>
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

/// The recomputed figures of one model, by quantity and statistic.
std::map<std::pair<std::string, std::string>, double> figures(const std::string& model) {
  const auto table = read("reference/published/anchors.csv");
  const auto text = [&](const std::string& column, std::size_t row) {
    const Column& c = table->at(column);
    return c.levels[static_cast<std::size_t>(c.codes[row])];
  };
  std::map<std::pair<std::string, std::string>, double> all;
  for (std::size_t i = 0; i < table->rows; ++i) {
    if (text("model", i) != model) continue;
    all[{text("quantity", i), text("statistic", i)}] = table->at("recomputed").numbers[i];
  }
  return all;
}

Fitted fit_file(const std::string& path, const std::string& formula, bool center,
                const std::vector<std::string>& priors) {
  FormulaOptions options;
  options.center = center;
  const Design design = make_design(formula, read(path), options).design;
  return fit(design, {.model = registry().model_for(design).type->name,
                      .sampler = "collapsed",
                      .priors = priors,
                      .plan = {.chains = 4, .warmup = 200, .draws = 20'000, .seed = 8}});
}

void check(const ReportTable& table, std::size_t row, const std::string& figure,
           const std::string& error, double truth, double digits) {
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(table.columns, name) - table.columns.begin());
  };
  // 4 Monte Carlo errors, and half a unit of the last digit that the figure is known to.
  BOOST_TEST(
      std::abs(table.at(row, column(figure)) - truth) < 4 * table.at(row, column(error)) + digits,
      table.rows[row] << " " << figure << ": " << table.at(row, column(figure)) << " against "
                      << truth);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_rats_of_bugs, *boost::unit_test::precondition(reference_is_there)) {
  const Fitted fitted =
      fit_file("reference/posteriordb/rats_data-rats_model/data.csv",
               "y ~ I(x - 22) + (I(x - 22) || rat)", false,
               {"Intercept ~ normal(0, 1000)", "b ~ normal(0, 1000)",
                "sd(rat)^2 ~ inv_gamma(0.001, 0.001)", "sigma^2 ~ inv_gamma(0.001, 0.001)"});
  const auto expected = figures("rats_bugs");
  Matrix values(fitted.draws.values().rows(), 3);
  values.col(0) = fitted.column("b[Intercept]") - 22 * fitted.column("b[I(x - 22)]");
  values.col(1) = fitted.column("b[I(x - 22)]");
  values.col(2) = fitted.column("sigma");
  const std::vector<std::string> names{"alpha0", "beta.c", "sigma"};
  const ReportTable table = summarise(values, names, 4);
  for (std::size_t row = 0; row < names.size(); ++row) {
    const double mean = expected.at({names[row], "posterior mean"});
    const double sd = expected.at({names[row], "posterior sd"});
    check(table, row, "mean", "mcse_mean", mean, 5e-6 * std::abs(mean));
    check(table, row, "sd", "mcse_sd", sd, 5e-6 * sd);
  }
}

BOOST_AUTO_TEST_CASE(eight_schools_with_flat_priors,
                     *boost::unit_test::precondition(reference_is_there)) {
  const Fitted fitted =
      fit_file("reference/posteriordb/eight_schools/data.csv", "y | se(sigma) ~ 1 + (1 | school)",
               true, {"Intercept ~ flat()", "sd(school) ~ flat()"});
  const auto expected = figures("eight_schools_bda_flat");
  const std::string schools = "ABCDEFGH";
  Matrix values(fitted.draws.values().rows(), 9);
  std::vector<std::string> names{"mu"};
  values.col(0) = fitted.column("b[Intercept]");
  for (std::size_t j = 0; j < schools.size(); ++j) {
    names.emplace_back(1, schools[j]);
    values.col(static_cast<Eigen::Index>(j + 1)) =
        values.col(0) + fitted.column("r_school[" + std::to_string(j + 1) + ",Intercept]");
  }
  const ReportTable table = summarise(values, names, 4);
  for (std::size_t row = 0; row < names.size(); ++row) {
    check(table, row, "mean", "mcse_mean", expected.at({names[row], "posterior mean"}), 1e-4);
    check(table, row, "q50", "mcse_q50", expected.at({names[row], "50%"}), 1e-4);
  }
}
