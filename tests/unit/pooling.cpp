// Least squares, no pooling and partial pooling side by side.
#define BOOST_TEST_MODULE pooling
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "convergence_draws.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "report_tables.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// The figures of data/pooling.R: value and standard error.
std::map<std::string, std::pair<double, double>> figures(const std::string& data) {
  std::ifstream file(TARN_TEST_DATA "/pooling.csv");
  std::map<std::string, std::pair<double, double>> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    std::string of, quantity, value, se;
    std::getline(cells, of, ',');
    std::getline(cells, quantity, ',');
    std::getline(cells, value, ',');
    std::getline(cells, se);
    if (of == data) all[quantity] = {std::stod(value), std::stod(se)};
  }
  return all;
}

std::shared_ptr<const Table> read(const std::string& file) {
  return io::read_table(std::vector<std::string>{file});
}

/// A fit with its model.
struct Judged {
  Judged(Design made, const std::string& model, std::size_t draws = 250)
      : design(std::move(made)),
        type(*registry().model(model).type),
        priors(type.parameters(design), {}),
        settings(type.settings, {}, model),
        fitted(fit(design, {.model = model,
                            .plan = {.chains = 4, .warmup = 200, .draws = draws, .seed = 5}})) {}

  Report evaluate() const {
    const DiagnosticType& diagnostic = *registry().diagnostic("pooling").type;
    const FittedModel over{type, design, priors, {}, [&] {
                             return type.make({design, priors, settings});
                           }};
    Report report;
    diagnostic.make(Settings(diagnostic.settings, {}, "pooling"))
        ->evaluate({.posterior = fitted.draws, .model = &over, .wants_figures = true}, report);
    return report;
  }

  Design design;
  ModelType type;
  Priors priors;
  Settings settings;
  Fitted fitted;
};

/// To ten digits.
bool equal(double found, double expected) {
  return std::abs(found - expected) <= 1e-10 * std::abs(expected);
}

void check_least_squares(const Report& report, const std::string& data,
                         const std::vector<std::string>& coefficients) {
  const auto expected = figures(data);
  const ReportTable& ols = table(report, "ols");
  for (const std::string& name : coefficients) {
    BOOST_TEST(equal(at(ols, name, "ols"), expected.at(name).first), name);
    BOOST_TEST(equal(at(ols, name, "ols_se"), expected.at(name).second), name);
  }
  for (const char* quantity : {"sigma", "r_squared", "residual_df"}) {
    BOOST_TEST(
        equal(at(table(report, "ols_fit"), "least squares", quantity), expected.at(quantity).first),
        quantity);
  }
}

/// Groups of 1, 2, ..., 8 rows.
Data staircase(bool slope) {
  constexpr Eigen::Index n = 36;
  Data data{Matrix(n, 1), Vector(n)};
  const auto u = lehmer(3 * n, 21);
  Eigen::Index i = 0;
  for (std::int32_t j = 0; j < 8; ++j) {
    for (std::int32_t k = 0; k <= j; ++k, ++i) {
      const auto at = static_cast<std::size_t>(i);
      data.X(i, 0) = u[at];
      data.y[i] = data.X(i, 0) + 2 * u[n + static_cast<std::size_t>(j)] + u[2 * n + at];
      data.level.push_back(j);
    }
  }
  if (slope) data.slopes = data.X;
  return data;
}

}  // namespace

BOOST_AUTO_TEST_CASE(least_squares_equal_those_of_lm_to_ten_digits) {
  const Judged judged(
      make_design("log_radon ~ floor + log_uranium + (1 | county)", read(TARN_RADON)).design,
      "random_intercept");
  check_least_squares(judged.evaluate(), "radon", {"Intercept", "floor", "log_uranium"});
}

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(reference_is_there))
BOOST_AUTO_TEST_CASE(each_subject_alone_equals_lm_of_its_rows) {
  const Judged judged(
      make_design("Reaction ~ Days + (1 + Days | Subject)", read(shared("datasets/sleepstudy.csv")))
          .design,
      "random_slope");
  const Report report = judged.evaluate();
  check_least_squares(report, "sleepstudy", {"Intercept", "Days"});
  const ReportTable& groups = table(report, "pooling_Subject");
  const auto expected = figures("subject");
  BOOST_TEST(expected.size() == 36);
  for (const auto& [name, value] : expected) {
    const auto blank = name.find(' ');
    const std::string row = name.substr(0, blank) + ", " + name.substr(blank + 1);
    // The posterior mean is taken from the response and added again: some digits less than ten.
    BOOST_TEST(std::abs(at(groups, row, "no_pooling") - value.first) < 1e-8, name);
  }
}

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(reference_is_there))
BOOST_AUTO_TEST_CASE(longley_keeps_the_certified_digits_and_standard_errors) {
  const Judged judged(make_design("y ~ x1 + x2 + x3 + x4 + x5 + x6",
                                  read(shared("reference/nist/linear/Longley.csv")))
                          .design,
                      "pooled");
  const ReportTable ols = table(judged.evaluate(), "ols");
  const auto certified = read(shared("reference/nist/linear_certified.csv"));
  const Column& dataset = certified->at("dataset");
  const Column& quantity = certified->at("quantity");
  int compared = 0;
  for (std::size_t i = 0; i < certified->rows; ++i) {
    const std::string& name = quantity.levels[static_cast<std::size_t>(quantity.codes[i])];
    if (dataset.levels[static_cast<std::size_t>(dataset.codes[i])] != "Longley" || name[0] != 'B') {
      continue;
    }
    const std::string row = name == "B0" ? "Intercept" : "x" + name.substr(1);
    const double value = certified->at("value").numbers[i];
    const double sd = certified->at("sd_of_estimate").numbers[i];
    BOOST_TEST(std::abs(at(ols, row, "ols") / value - 1) < 1e-10, name);
    BOOST_TEST(std::abs(at(ols, row, "ols_se") / sd - 1) < 1e-10, name);
    ++compared;
  }
  BOOST_TEST(compared == 7);
}

BOOST_AUTO_TEST_CASE(partial_pooling_lies_between_the_group_alone_and_the_population) {
  const Judged judged(design_of(staircase(false)), "random_intercept", 2500);
  const Report report = judged.evaluate();
  const ReportTable& groups = table(report, "pooling_g");
  const double population = at(table(report, "pooling"), "g: Intercept", "population");
  const Vector sd = judged.fitted.column("sd_g[Intercept]");
  const Vector sigma = judged.fitted.column("sigma");
  for (std::size_t j = 0; j < 8; ++j) {
    const double none = groups.at(j, 1), partial = groups.at(j, 2), shrinkage = groups.at(j, 7);
    const double n = static_cast<double>(j + 1);
    BOOST_TEST(groups.at(j, 0) == n);
    // The posterior mean of r_j is that of (1 - shrinkage) r_j alone, up to the dependence of the
    // two over the draws: a few hundredths here.
    BOOST_TEST(std::abs(partial - population - (1 - shrinkage) * (none - population)) < 0.1);
    const double expected =
        (sigma.array().square() / (sigma.array().square() + n * sd.array().square())).mean();
    // A hundred of the 10,000 draws: their sd of about 0.15 over 10.
    BOOST_TEST(std::abs(shrinkage - expected) < 0.06);
    if (j > 0) BOOST_TEST(shrinkage < groups.at(j - 1, 7));
  }
}

BOOST_AUTO_TEST_CASE(the_pooling_factor_is_that_of_gelman_and_pardoe) {
  const Judged judged(design_of(staircase(false)), "random_intercept");
  const Vector one = judged.fitted.column("r_g[1,Intercept]");
  Matrix r(one.size(), 8);
  for (Eigen::Index j = 0; j < 8; ++j) {
    r.col(j) = judged.fitted.column("r_g[" + std::to_string(j + 1) + ",Intercept]");
  }
  const auto variance = [](const Vector& x) { return (x.array() - x.mean()).square().sum() / 7; };
  double mean = 0;
  for (Eigen::Index s = 0; s < r.rows(); ++s) mean += variance(r.row(s).transpose());
  mean /= static_cast<double>(r.rows());
  const double expected = 1 - variance(r.colwise().mean().transpose()) / mean;
  BOOST_TEST(
      equal(at(table(judged.evaluate(), "pooling"), "g: Intercept", "pooling_factor"), expected));
}

BOOST_AUTO_TEST_CASE(a_group_of_too_few_rows_cannot_be_fitted_alone) {
  const Report report = Judged(design_of(staircase(true)), "random_slope").evaluate();
  const ReportTable& groups = table(report, "pooling_g");
  BOOST_TEST(std::isnan(at(groups, "1, Intercept", "no_pooling")));
  BOOST_TEST(std::isnan(at(groups, "1, z1", "no_pooling")));
  BOOST_TEST(std::isfinite(at(groups, "2, Intercept", "no_pooling")));
  BOOST_TEST(std::isfinite(at(groups, "1, Intercept", "partial")));
  BOOST_TEST(at(table(report, "pooling"), "g: z1", "cannot_say") == 1);
}

BOOST_AUTO_TEST_CASE(a_model_without_groups_has_least_squares_alone) {
  Data data = staircase(false);
  data.level.clear();
  const Report report = Judged(design_of(data), "pooled").evaluate();
  BOOST_TEST(report.tables().size() == 2);
  BOOST_TEST(report.figures().empty());
}

BOOST_AUTO_TEST_CASE(many_groups_are_chosen_and_the_captions_say_so) {
  constexpr Eigen::Index n = 3000;
  Data data{Matrix(n, 1), Vector(n)};
  const auto u = lehmer(2 * n, 3);
  for (Eigen::Index i = 0; i < n; ++i) {
    data.X(i, 0) = u[static_cast<std::size_t>(i)];
    data.y[i] = u[static_cast<std::size_t>(n + i)] + static_cast<double>(i % 500) / 250;
    data.level.push_back(static_cast<std::int32_t>(i % 500));
  }
  const Report report = Judged(design_of(data), "random_intercept", 50).evaluate();
  BOOST_TEST(report.figures().size() == 2);
  for (const Figure& figure : report.figures()) {
    std::size_t marks = 0;
    for (const FigureData& part : figure.data) {
      marks += std::max(part.columns.front().numbers.size(), part.columns.front().texts.size());
    }
    BOOST_TEST(marks <= 4000);
    BOOST_TEST(figure.caption.find("of 500 groups") != std::string::npos, figure.caption);
  }
}

BOOST_AUTO_TEST_CASE(a_level_for_each_row_is_noted_for_only_the_priors_part_sd_and_sigma) {
  Data data{Matrix(20, 1), Vector(20)};
  for (std::int32_t i = 0; i < 20; ++i) {
    data.X(i, 0) = i % 5;
    data.y[i] = i % 7;
    data.level.push_back(i);
  }
  const auto noted = [](const Report& report) {
    return std::ranges::any_of(report.findings(), [](const Finding& finding) {
      return finding.level == Finding::Level::note &&
             finding.sentence ==
                 "every level of g has one row: the data say how large sd and sigma are together, "
                 "and only the priors how they share it; leave (1 | g) out, or give known standard "
                 "errors (y | se(s))";
    });
  };
  BOOST_TEST(noted(Judged(design_of(data), "random_slope").evaluate()));
  data.level[19] = 18;
  BOOST_TEST(!noted(Judged(design_of(data), "random_slope").evaluate()));
}
