// The diagnostic `pooling`: no, partial and complete pooling beside least squares.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "elements.hpp"
#include "groups.hpp"
#include "least_squares.hpp"
#include "maximum_likelihood.hpp"
#include "pictures.hpp"
#include "tarn/plugin.hpp"
#include "tarn/statistics/quantile.hpp"

namespace tarn::pooling {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_pictures = 4;  // of single terms

void add_row(ReportTable& table, const std::string& label, std::vector<double> values) {
  table.rows.push_back(label);
  table.values.insert(table.values.end(), values.begin(), values.end());
}

/// Estimates without groups beside the posterior.
ReportTable beside_posterior(const Fit& fit, ReportTable table, ConstVectorRef estimates,
                             ConstVectorRef se) {
  const Design& design = fit.model->design;
  const auto b = fit.posterior.layout().find("b");
  for (std::size_t k = 0; k < design.size(); ++k) {
    const auto at = as_index(k);
    std::vector<double> row{estimates[at], se[at], no_value, no_value, no_value, no_value};
    if (b) {
      Vector x = coefficient_draws(fit, k);
      const double mean = x.mean();
      const double sd =
          std::sqrt((x.array() - mean).square().sum() / static_cast<double>(x.size() - 1));
      const double lower = statistics::select_quantile(span_of(x), 0.025);
      row = {
          estimates[at], se[at], mean, sd, lower, statistics::select_quantile(span_of(x), 0.975)};
    }
    add_row(table, design.coefficients[k], row);
  }
  return table;
}

ReportTable fit_table(const LeastSquares& ols) {
  return {"ols_fit",
          {"sigma", "r_squared", "residual_df"},
          {"least squares"},
          {ols.sigma, ols.r_squared, ols.freedom},
          "The fit by least squares"};
}

double mean_of(const Vector& x) {
  double sum = 0;
  double count = 0;
  for (const double value : x) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : no_value;
}

void add_terms(const Groups& groups, ReportTable& table) {
  for (const Term& term : groups.terms) {
    const auto unknown =
        std::count_if(term.none.begin(), term.none.end(), [](double x) { return std::isnan(x); });
    add_row(table, groups.name + ": " + term.column,
            {static_cast<double>(groups.levels.size()), static_cast<double>(unknown), term.complete,
             term.population, mean_of(term.shrinkage), term.pooling_factor});
  }
}

/// Some groups, evenly by their place among the levels.
ReportTable groups_table(const Groups& groups, std::size_t most) {
  ReportTable table{"pooling_" + groups.name,
                    {"n", "no_pooling", "partial", "sd", "lower", "upper", "complete", "shrinkage"},
                    {},
                    {}};
  table.title = fmt::format("No, partial and complete pooling by {}", groups.name);
  for (const std::size_t j : evenly(groups.levels.size(), most)) {
    const auto at = as_index(j);
    for (const Term& term : groups.terms) {
      add_row(table, groups.levels[j] + (groups.terms.size() > 1 ? ", " + term.column : ""),
              {groups.count[at], term.none[at], term.partial[at], term.sd[at], term.lower[at],
               term.upper[at], term.complete, term.shrinkage[at]});
    }
  }
  return table;
}

void add_findings(const Groups& groups, Report& report) {
  for (const Term& term : groups.terms) {
    const double shrinkage = mean_of(term.shrinkage);
    if (std::isnan(shrinkage)) continue;
    const char* reading =
        shrinkage > 0.9   ? "nearly as if all groups were one: the data show little difference"
        : shrinkage < 0.1 ? "nearly as if each group were alone: its rows say enough"
                          : "between one population and separate groups";
    report.add({Finding::Level::good,
                fmt::format("{} of {}: groups are shrunk {:.0f} % of the way to the population on "
                            "average, {}",
                            term.column, groups.name, 100 * shrinkage, reading)});
  }
}

/// Levels of one row each: the data hold the sum of both variances alone.
void add_single_rows(const Design& design, const Groups& groups, Report& report) {
  const auto terms = design.terms_on(groups.grouping);
  const bool has_intercept = std::ranges::any_of(terms, [&](std::size_t t) {
    return std::ranges::find(design.terms[t].columns, "Intercept") != design.terms[t].columns.end();
  });
  if (!has_intercept || groups.levels.size() != design.rows->count()) return;
  if (!is_normal(design)) {
    if (kind_of(*design.family) != ResponseKind::binary) return;  // they say how rows vary
    return report.add({Finding::Level::note,
                       fmt::format("every level of {} has one row, and one 0 or 1 says nothing of "
                                   "how levels vary; leave (1 | {}) out",
                                   groups.name, groups.name)});
  }
  report.add({Finding::Level::note,
              fmt::format("every level of {} has one row: the data say how large sd and sigma are "
                          "together, and only the priors how they share it; leave (1 | {}) out, or "
                          "give known standard errors (y | se(s))",
                          groups.name, groups.name)});
}

}  // namespace

class Pooling final : public Diagnostic {
 public:
  static constexpr std::string_view title = "Partial pooling: how far are groups shrunk?";
  static constexpr int place = 40;

  static std::vector<std::string_view> needs() { return {"model"}; }

  static std::vector<Setting> settings() {
    return {{"groups",
             "at most so many groups of each factor in a table",
             std::int64_t{1000},
             {},
             1.0,
             1e9}};
  }

  explicit Pooling(const Settings& settings) : most_groups_(as_size(settings.integer("groups"))) {}

  void evaluate(const Fit& fit, Report& report) override {
    const Design& design = fit.model->design;
    if (!design.predictors.empty()) {
      report.add(
          {Finding::Level::good,
           fmt::format("not judged: what groups would be alone is told by a fit of each with "
                       "the same {} for all rows, and here it has a formula",
                       design.predictors.front().parameter)});
      return;
    }
    if (!is_normal(design)) {
      if (const auto parameter = varying_parameter(fit)) {
        report.add({Finding::Level::good,
                    fmt::format("not judged: what groups would be alone is told given {}, which "
                                "differs between rows",
                                *parameter)});
        return;
      }
    }
    const Means means = posterior_means(fit);
    std::optional<LeastSquares> ols;
    Vector complete;
    if (is_normal(design)) {
      ols = least_squares(design);
      complete = ols->b;
      report.add(beside_posterior(fit,
                                  {"ols",
                                   {"ols", "ols_se", "mean", "sd", "lower", "upper"},
                                   {},
                                   {},
                                   "Least squares (OLS) beside the posterior"},
                                  ols->b, ols->se));
      report.add(fit_table(*ols));
    } else {
      const Pooled pooled = maximum_likelihood(fit, means);
      complete = pooled.b;
      report.add(
          beside_posterior(fit,
                           {"maximum_likelihood",
                            {"ml", "ml_se", "mean", "sd", "lower", "upper"},
                            {},
                            {},
                            "Maximum likelihood without groups beside the posterior, of the " +
                                predicted_name(design)},
                           pooled.b, pooled.se));
    }
    if (design.terms.empty()) return;

    ReportTable table{
        "pooling",
        {"groups", "cannot_say", "complete", "population", "mean_shrinkage", "pooling_factor"},
        {},
        {}};
    table.title = "Shrinkage of the groups towards the population";
    std::vector<Groups> all;
    for (std::size_t g = 0; g < design.groupings.size(); ++g) {
      if (design.terms_on(g).empty()) continue;
      all.push_back(judge_groups(fit, g, means, complete));
      add_terms(all.back(), table);
      add_findings(all.back(), report);
      if (!design.known_errors) add_single_rows(design, all.back(), report);
    }
    report.add(std::move(table));
    for (const Groups& groups : all) report.add(groups_table(groups, most_groups_));
    if (fit.wants_figures) add_figures(fit, all, ols, report);
  }

 private:
  static void add_figures(const Fit& fit, const std::vector<Groups>& all,
                          const std::optional<LeastSquares>& ols, Report& report) {
    const std::string response = predicted_name(fit.model->design);
    std::size_t pictures = 0;
    for (const Groups& groups : all) {
      for (std::size_t k = 0; k < groups.terms.size() && pictures < most_pictures;
           ++k, ++pictures) {
        add_caterpillar(groups, k, response, report);
      }
      add_plane(groups, response, report);
    }
    // Lines through rows are those of the link's scale, where responses are not.
    if (ols) add_lines(fit, all.front(), ols->b, report);
  }

  std::size_t most_groups_;
};

}  // namespace tarn::pooling

TARN_PLUGIN("pooling", "0.5.0") {
  plugin.diagnostic<tarn::pooling::Pooling>(
      "pooling", "complete, no and partial pooling side by side, with shrinkage");
}
