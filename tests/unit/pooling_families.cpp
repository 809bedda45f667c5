// Groups of families other than the normal, alone and together, where maxima have closed forms.
#define BOOST_TEST_MODULE pooling_families
#include <algorithm>
#include <cmath>
#include <string>

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

#include "family_groups.hpp"
#include "known_fit.hpp"
#include "report_tables.hpp"
#include "tarn/model.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

Report pooling(const KnownFit& known, bool figures = false) {
  const DiagnosticType& diagnostic = *registry().diagnostic("pooling").type;
  Report report;
  diagnostic.make(Settings(diagnostic.settings, {}, "pooling"))
      ->evaluate({.posterior = known.fitted.draws, .model = &known.model, .wants_figures = figures},
                 report);
  return report;
}

double mean(const KnownFit& known, const std::string& name) {
  return known.fitted.column(name).mean();
}

FamilyData of(const std::string& family, std::size_t coefficients) {
  return {
      .family = {family}, .sizes = {1, 4, 9, 16, 7, 12}, .coefficients = coefficients, .seed = 8};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_group_of_counts_alone_is_its_total_over_what_is_expected) {
  FamilyData made = of("poisson", 3);
  made.offset = made.weights = true;
  const KnownFit known("random_intercept", family_design(made), {}, 500);
  const Report report = pooling(known);
  const ReportTable& groups = table(report, "pooling_g");
  const Rows rows = known.design.all_rows();
  Vector b{{mean(known, "b[Intercept]"), mean(known, "b[x1]"), mean(known, "b[x2]")}};
  Vector working = b;
  known.design.to_working(working);
  const Vector eta = rows.X * working + rows.offset;
  const double sd = mean(known, "sd_g[Intercept]");
  for (std::size_t j = 0; j < 6; ++j) {
    double counted = 0, expected = 0, n = 0, fitted = 0;
    const std::string level = known.design.groupings[0].levels[j];
    const double effect = mean(known, "r_g[" + level + ",Intercept]");
    for (std::size_t i = 0; i < rows.count(); ++i) {
      if (rows.level[0][i] != static_cast<std::int32_t>(j)) continue;
      const auto at = as_index(i);
      n += rows.frequency[at];
      counted += rows.frequency[at] * rows.y[at];
      expected += rows.frequency[at] * std::exp(eta[at]);
      fitted += rows.frequency[at] * std::exp(eta[at] + effect);
    }
    BOOST_TEST(at(groups, level, "n") == n);
    const double alone = at(groups, level, "no_pooling");
    if (counted == 0) {
      BOOST_TEST(std::isnan(alone));
    } else {
      BOOST_TEST(std::abs(alone - (b[0] + std::log(counted / expected))) < 1e-8);
    }
    // 1 / (1 + information sd^2), averaged over draws: at their mean within the curve's bend.
    const double shrinkage = at(groups, level, "shrinkage");
    BOOST_TEST(std::abs(shrinkage - 1 / (1 + fitted * sd * sd)) < 0.1);
    BOOST_TEST((shrinkage > 0 && shrinkage < 1));
  }
}

BOOST_AUTO_TEST_CASE(groups_of_zeros_and_ones_alone_are_the_logit_of_their_share) {
  const KnownFit known("random_intercept", family_design(of("bernoulli", 1)), {}, 500);
  const Report report = pooling(known);
  const ReportTable& groups = table(report, "pooling_g");
  const Rows rows = known.design.all_rows();
  std::size_t infinite = 0;
  for (std::size_t j = 0; j < 6; ++j) {
    double ones = 0, n = 0;
    for (std::size_t i = 0; i < rows.count(); ++i) {
      if (rows.level[0][i] != static_cast<std::int32_t>(j)) continue;
      ones += rows.y[as_index(i)];
      ++n;
    }
    const double alone = at(groups, known.design.groupings[0].levels[j], "no_pooling");
    if (ones == 0 || ones == n) {
      ++infinite;
      BOOST_TEST(std::isnan(alone));
    } else {
      BOOST_TEST(std::abs(alone - std::log(ones / (n - ones))) < 1e-8);
    }
  }
  BOOST_TEST(infinite >= 1U);  // the group of one row
  BOOST_TEST(at(table(report, "pooling"), "g: Intercept", "cannot_say") == double(infinite));
  const double share = rows.y.mean();
  const ReportTable& pooled = table(report, "maximum_likelihood");
  BOOST_TEST(std::abs(at(pooled, "Intercept", "ml") - std::log(share / (1 - share))) < 1e-8);
  BOOST_TEST(std::abs(at(pooled, "Intercept", "ml_se") -
                      1 / std::sqrt(double(rows.count()) * share * (1 - share))) < 1e-8);
}

BOOST_AUTO_TEST_CASE(without_groups_the_score_is_zero_at_the_maximum) {
  for (const std::string family : {"bernoulli", "poisson"}) {
    const KnownFit known("random_intercept", family_design(of(family, 3)), {}, 300);
    const ReportTable pooled = table(pooling(known), "maximum_likelihood");
    Vector b(3), se(3);
    for (Eigen::Index k = 0; k < 3; ++k)
      b[k] = pooled.at(as_size(k), 0), se[k] = pooled.at(as_size(k), 1);
    known.design.to_working(b);
    const Rows rows = known.design.all_rows();
    const Vector eta = rows.X * b;
    const Vector mu =
        family == "poisson" ? Vector(eta.array().exp()) : Vector(1 / (1 + (-eta.array()).exp()));
    const Vector w = family == "poisson" ? mu : Vector(mu.array() * (1 - mu.array()));
    // Settled at 1e-9 of the predictor, some 50 rows.
    BOOST_TEST((rows.X.transpose() * (rows.y - mu)).norm() < 1e-6);
    const Matrix V = (rows.X.transpose() * w.asDiagonal() * rows.X).inverse();
    for (Eigen::Index k = 1; k < 3; ++k)
      BOOST_TEST(std::abs(se[k] / std::sqrt(V(k, k)) - 1) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(complete_separation_has_no_finite_maximum) {
  Design design = family_design(of("bernoulli", 2));
  Vector y = design.all_rows().X.col(1);
  for (double& x : y) x = x > 0 ? 1 : 0;
  design = design.with_response(y);
  const KnownFit known("random_intercept", design, {}, 300);
  const ReportTable pooled = table(pooling(known), "maximum_likelihood");
  BOOST_TEST(std::isnan(at(pooled, "x1", "ml")));
  BOOST_TEST(std::isfinite(at(pooled, "x1", "mean")));
}

BOOST_AUTO_TEST_CASE(figures_are_on_the_link_s_scale_and_lines_are_left_out) {
  const KnownFit known(
      "random_slope",
      family_design({.family = {"poisson"}, .sizes = {4, 9, 16, 7, 12}, .slopes = true, .seed = 8}),
      {}, 300, "pivot");
  const Report report = pooling(known, true);
  std::vector<std::string> names;
  for (const Figure& figure : report.figures()) names.push_back(figure.name);
  const std::vector<std::string> expected{"shrinkage_1_1", "shrinkage_1_2", "shrinkage_plane_1_1"};
  BOOST_TEST(names == expected);
  const Figure& intercepts = report.figures().front();
  BOOST_TEST(intercepts.specification.find("log of the mean of y") != std::string::npos);
  BOOST_TEST(intercepts.caption.find("its own maximum likelihood") != std::string::npos);
  BOOST_TEST(table(report, "maximum_likelihood").title ==
             "Maximum likelihood without groups beside the posterior, of the log of the mean of y");
}

BOOST_AUTO_TEST_CASE(one_row_of_zero_or_one_for_each_level_says_nothing_of_their_spread) {
  const KnownFit known("random_intercept",
                       family_design({.family = {"bernoulli"},
                                      .sizes = std::vector<int>(30, 1),
                                      .coefficients = 1,
                                      .seed = 2}),
                       {}, 300);
  const auto noted = [](const Report& report) {
    return std::ranges::any_of(report.findings(), [](const Finding& finding) {
      return finding.level == Finding::Level::note &&
             finding.sentence ==
                 "every level of g has one row, and one 0 or 1 says nothing of how levels vary; "
                 "leave (1 | g) out";
    });
  };
  BOOST_TEST(noted(pooling(known)));
  const KnownFit counts(
      "random_intercept",
      family_design(
          {.family = {"poisson"}, .sizes = std::vector<int>(30, 1), .coefficients = 1, .seed = 2}),
      {}, 300);
  BOOST_TEST(!noted(pooling(counts)));
}
