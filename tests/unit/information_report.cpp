// What the diagnostic information says of a fit: figures, findings, figures to look at.
#define BOOST_TEST_MODULE information_report
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <string>

#include "convergence_draws.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "report_tables.hpp"
#include "tarn/log_likelihood.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Eight groups of five rows in turn; the last row is far out where `outlier`.
Data schools(bool outlier, bool grouped = true) {
  constexpr Eigen::Index n = 40;
  Data data{Matrix(n, 1), Vector(n)};
  const auto u = lehmer(3 * n, 11);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    data.X(i, 0) = u[k];
    data.y[i] = data.X(i, 0) + 2 * u[40 + static_cast<std::size_t>(i % 8)] + u[80 + k];
    if (grouped) data.level.push_back(static_cast<std::int32_t>(i % 8));
  }
  if (outlier) data.y[n - 1] += 12;
  return data;
}

/// A fit with its model.
struct Judged {
  Judged(const Data& data, const std::string& model, std::size_t draws = 500)
      : design(design_of(data)),
        type(*registry().model(model).type),
        priors(type.parameters(design), {}),
        settings(type.settings, {}, model),
        fitted(fit(design, {.model = model,
                            .plan = {.chains = 4, .warmup = 200, .draws = draws, .seed = 5}})) {
    for (std::size_t i = 0; i < design.rows->count(); ++i) numbers.push_back(i + 101);
  }

  Report evaluate(const std::vector<std::string>& set, std::size_t threads = 2) const {
    const DiagnosticType& diagnostic = *registry().diagnostic("information").type;
    const FittedModel over = model();
    Report report;
    diagnostic.make(Settings(diagnostic.settings, set, "information"))
        ->evaluate(
            {.posterior = fitted.draws, .model = &over, .wants_figures = true, .threads = threads},
            report);
    return report;
  }

  FittedModel model() const {
    return {type, design, priors, numbers, [this] {
              return type.make({design, priors, settings});
            }};
  }

  Design design;
  ModelType type;
  Priors priors;
  Settings settings;
  Fitted fitted;
  std::vector<std::size_t> numbers;
};

}  // namespace

BOOST_AUTO_TEST_CASE(sums_are_those_of_the_rows_and_do_not_depend_on_threads) {
  const Judged judged(schools(false), "random_intercept");
  const Report report = judged.evaluate({"pointwise=true"});
  const ReportTable& rows = table(report, "pointwise");
  BOOST_TEST(rows.rows.size() == 40);
  BOOST_TEST(rows.rows.front() == "101");
  double sum = 0;
  for (std::size_t i = 0; i < 40; ++i) sum += rows.at(i, 0);
  BOOST_TEST(std::abs(at(table(report, "information"), "elpd_loo", "estimate") - sum) < 1e-10);
  BOOST_TEST(table(report, "pointwise_g").rows.size() == 8);
  BOOST_TEST(table(judged.evaluate({"pointwise=true"}, 1), "pointwise").values == rows.values,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_row_far_out_is_named_by_its_number_in_the_data) {
  const Report report = Judged(schools(true), "random_intercept").evaluate({});
  const auto named = std::ranges::find_if(report.findings(), [](const Finding& finding) {
    return finding.level == Finding::Level::note &&
           finding.sentence.starts_with("leave-one-out:") &&
           finding.sentence.find("140") != std::string::npos;
  });
  BOOST_TEST((named != report.findings().end()));
  BOOST_TEST(table(report, "worst").rows.front() == "row 140");
}

BOOST_AUTO_TEST_CASE(a_new_row_of_a_known_group_is_easier_to_predict_than_a_new_group) {
  const Report report = Judged(schools(false), "random_intercept").evaluate({});
  BOOST_TEST(at(table(report, "information"), "elpd_loo", "estimate") >
             at(table(report, "information_g"), "elpd_logo", "estimate"));
}

BOOST_AUTO_TEST_CASE(leaving_a_group_out_equals_a_fit_without_it) {
  // p(y_j | y without j) from a fit to the other seven groups: the mean over its draws of the
  // density with the effect integrated out. The model's own function is asked for the left-out
  // group through a design that has it as its only rows.
  const Data all = schools(false);
  const Judged whole(all, "random_intercept", 4000);
  const Report report = whole.evaluate({"pointwise=true", "rows=false"});
  Data rest{Matrix(35, 1), Vector(35)};
  Vector x(5), y(5);
  Eigen::Index kept = 0, out = 0;
  for (Eigen::Index i = 0; i < 40; ++i) {
    const std::int32_t level = all.level[static_cast<std::size_t>(i)];
    if (level == 7) {
      x[out] = all.X(i, 0);
      y[out++] = all.y[i];
    } else {
      rest.X(kept, 0) = all.X(i, 0);
      rest.y[kept++] = all.y[i];
      rest.level.push_back(level);
    }
  }
  // The same priors as over all rows.
  const Priors& priors = whole.priors;
  std::vector<std::string> texts;
  for (const ParameterPrior& prior : priors.all()) texts.push_back(prior.text());
  const Fitted fitted =
      fit(design_of(rest), {.model = "random_intercept",
                            .priors = texts,
                            .plan = {.chains = 4, .warmup = 200, .draws = 4000, .seed = 6}});
  const Vector b0 = fitted.column("b[Intercept]");
  const Vector b1 = fitted.column("b[x1]");
  const Vector sigma = fitted.column("sigma");
  const Vector sd = fitted.column("sd_g[Intercept]");
  Vector densities(b0.size());
  for (Eigen::Index s = 0; s < b0.size(); ++s) {
    // Five rows that share a normal effect: closed form by the mean and what is left.
    const Vector e = y.array() - b0[s] - b1[s] * x.array();
    const double between = sigma[s] * sigma[s] / 5 + sd[s] * sd[s];
    const double within = (e.array() - e.mean()).square().sum();
    densities[s] = std::exp(-2.5 * std::log(2 * M_PI) - 4 * std::log(sigma[s]) -
                            within / (2 * sigma[s] * sigma[s]) - 0.5 * std::log(5 * between) -
                            e.mean() * e.mean() / (2 * between));
  }
  const double expected = std::log(densities.mean());
  const double found = table(report, "pointwise_g").at(7, 0);
  // Relative errors of the two means of 16,000 draws: some 1 % each.
  BOOST_TEST(std::abs(found - expected) < 0.05);
}

BOOST_AUTO_TEST_CASE(draws_that_are_read_again_for_each_block_give_the_same_log_likelihood) {
  const Judged judged(schools(false), "random_intercept", 150);
  const FittedModel over = judged.model();
  const Fit what{.posterior = judged.fitted.draws, .model = &over, .threads = 2};
  const auto collected = [&](double kept_bytes) {
    Matrix by_unit(600, 48);
    LogLikelihood likelihood(what, kept_bytes);
    likelihood.of_rows([&](std::size_t, std::size_t row, const Eigen::ArrayXd& by_draw) {
      by_unit.col(static_cast<Eigen::Index>(row)) = by_draw;
    });
    likelihood.of_levels(0, [&](std::size_t, std::size_t level, const Eigen::ArrayXd& by_draw) {
      by_unit.col(static_cast<Eigen::Index>(40 + level)) = by_draw;
    });
    return by_unit;
  };
  const Matrix kept = collected(1e9);
  BOOST_TEST(kept.allFinite());
  BOOST_TEST((collected(0) == kept));
}

BOOST_AUTO_TEST_CASE(a_model_without_groups_is_left_one_row_out) {
  const Report report = Judged(schools(false, false), "pooled").evaluate({});
  BOOST_TEST(report.tables().front().name == "information");
  BOOST_TEST(report.figures().size() == 1);
  BOOST_TEST((report.findings().front().level == Finding::Level::good));
}

BOOST_AUTO_TEST_CASE(too_few_draws_say_nothing) {
  const Report report = Judged(schools(false), "random_intercept", 20).evaluate({});
  BOOST_TEST(report.tables().empty());
  BOOST_TEST(report.findings().front().sentence ==
             "80 draws in all are too few for leave-one-out, which needs 100 at least; run longer: "
             "--draws 1000");
}

BOOST_AUTO_TEST_CASE(a_grouping_that_is_not_there_is_refused_with_the_nearest) {
  const Judged judged(schools(false), "random_intercept");
  BOOST_CHECK_EXCEPTION(judged.evaluate({"groups=h"}), UsageError, [](const UsageError& error) {
    return std::string(error.what()).starts_with("there is no grouping factor 'h' in the formula");
  });
}
