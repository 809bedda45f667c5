// The diagnostic `information`: how well would the model predict what it has not seen?
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "judged.hpp"
#include "refits.hpp"
#include "tarn/family.hpp"
#include "tarn/log_likelihood.hpp"
#include "tarn/plugin.hpp"
#include "tarn/text.hpp"

namespace tarn::information {
namespace {

constexpr std::size_t fewest_draws = 100;  // in all: fewer tell nothing of a tail

/// Groups of a smaller Pareto k are left out by fitting again, too, where their figure's first
/// decimal is in doubt.
constexpr double doubtful_error = 0.1;
/// Above this shape importance ratios have no variance, and the error that they give is not to be
/// believed either (Vehtari et al. 2024). A fit costs little.
constexpr double finite_variance = 0.5;

}  // namespace

class Information final : public Diagnostic {
 public:
  static constexpr std::string_view title = "Leave-one-out: how well are left-out data predicted?";
  static constexpr int place = 60;

  static std::vector<std::string_view> needs() { return {"model", PointwiseLogLikelihood::id}; }

  static std::vector<Setting> settings() {
    return {{"rows", "leave single rows out (elpd_loo), and WAIC", true},
            {"groups", "the grouping factor whose groups are left out (elpd_logo); all, or none",
             std::string("all")},
            {"relative_efficiency",
             "what a draw is worth: computed from the chains, as brms and rstanarm do; or 1",
             std::string("computed"),
             {"computed", "1"}},
            {"worst",
             "at most so many rows and groups of bad Pareto k in a table",
             std::int64_t{10},
             {},
             0.0,
             1e6},
            {"pointwise", "the figures of every row and group in tables", false},
            {"refits",
             "fit again without a group whose Pareto k is bad, for at most so many groups",
             std::int64_t{50},
             {},
             0.0,
             1e6}};
  }

  explicit Information(const Settings& settings)
      : rows_(settings.flag("rows")),
        groups_(settings.text("groups")),
        efficiencies_(settings.text("relative_efficiency") == "computed"),
        worst_(as_size(settings.integer("worst"))),
        pointwise_(settings.flag("pointwise")),
        refits_(as_size(settings.integer("refits"))) {}

  void evaluate(const Fit& fit, Report& report) override {
    const std::size_t draws = fit.posterior.chains() * fit.posterior.draws();
    if (draws < fewest_draws) {
      report.add({Finding::Level::bad,
                  fmt::format("{} draws in all are too few for leave-one-out, which needs {} at "
                              "least; run longer: --draws 1000",
                              draws, fewest_draws)});
      return;
    }
    const std::vector<std::size_t> groupings = chosen_groupings(fit.model->design);
    const double threshold = reliable_pareto_k(static_cast<double>(draws));
    LogLikelihood likelihood(fit);
    if (rows_) {
      Judged judged{"", true, {}, {}, threshold};
      for (const std::size_t number : fit.model->row_numbers) {
        judged.labels.push_back(std::to_string(number));
      }
      judged.units.resize(judged.labels.size());
      const Collected collected =
          collect(fit.posterior.draws(), fit, likelihood, {.pareto_k = threshold}, judged.units,
                  [&](const LogLikelihood::Visit& visit) { likelihood.of_rows(visit); });
      if (const auto given = likelihood.given_level()) {
        leave_out_given_level(fit, likelihood, *given, judged);
      } else {
        judged.mcse = error(fit.posterior.draws(), collected, judged.units);
      }
      add(fit, judged, 0, report);
    }
    // The time that refits are worth is that of all groupings together.
    const std::size_t refits =
        std::min(refits_, fit.most_refits / std::max<std::size_t>(1, groupings.size()));
    for (const std::size_t g : groupings) {
      const Grouping& grouping = fit.model->design.groupings[g];
      Judged judged{grouping.name, likelihood.integrates(g), {}, {}, threshold};
      std::vector<Criteria> levels(grouping.levels.size());
      std::vector<char> seen(levels.size(), 0);
      const Limits good{std::min(threshold, finite_variance), doubtful_error};
      const Collected collected = collect(
          fit.posterior.draws(), fit, likelihood, good, levels,
          [&](const LogLikelihood::Visit& visit) {
            likelihood.of_levels(
                g, [&](std::size_t thread, std::size_t level, const Eigen::ArrayXd& by_draw) {
                  seen[level] = 1;
                  visit(thread, level, by_draw);
                });
          });
      judged.why_not_refitted = refit(fit, g, refits, collected, levels);
      judged.mcse = error(fit.posterior.draws(), collected, levels);
      for (std::size_t level = 0; level < levels.size(); ++level) {
        if (seen[level] == 0) continue;
        judged.labels.push_back(grouping.levels[level]);
        judged.units.push_back(levels[level]);
      }
      add(fit, judged, g + 1, report);
    }
  }

 private:
  std::vector<std::size_t> chosen_groupings(const Design& design) const {
    std::vector<std::size_t> all(design.groupings.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (groups_ == "all") return all;
    if (groups_ == "none") return {};
    std::vector<std::string> names;
    for (const Grouping& grouping : design.groupings) names.push_back(grouping.name);
    for (const std::size_t g : all) {
      if (names[g] == groups_) return {g};
    }
    throw UsageError(fmt::format("there is no grouping factor '{}' in the formula; {}{}", groups_,
                                 did_you_mean(groups_, names),
                                 names.empty() ? "it has none" : "there is " + list_of(names)));
  }

  struct Collected {
    Eigen::ArrayXd influence;
    std::vector<bool> counted;  // in it, for their figures hold good
    std::size_t chains;
  };

  /// `draws`: of each chain, that are asked.
  template <class Run>
  Collected collect(std::size_t draws, const Fit& fit, const LogLikelihood& likelihood,
                    const Limits& good, std::vector<Criteria>& units, const Run& run) const {
    std::vector<UnitCriteria> workers(likelihood.threads(),
                                      UnitCriteria(fit.posterior.chains(), draws, efficiencies_));
    for (UnitCriteria& worker : workers) worker.count(good);
    run([&](std::size_t thread, std::size_t unit, const Eigen::ArrayXd& by_draw) {
      units[unit] = workers[thread](by_draw);
    });
    Collected result{workers.front().influence(), {}, fit.posterior.chains()};
    for (std::size_t k = 1; k < workers.size(); ++k) result.influence += workers[k].influence();
    for (const Criteria& unit : units) result.counted.push_back(good.hold(unit));
    return result;
  }

  static double error(std::size_t draws, const Collected& collected,
                      const std::vector<Criteria>& units) {
    return error_of_sum(collected.influence, collected.chains, draws, units, collected.counted);
  }

  /// Rows again, now that what their level's effect is need not be told by draws: the weights vary
  /// with the other parameters alone. WAIC, and the density given all rows, are those of before.
  void leave_out_given_level(const Fit& fit, LogLikelihood& likelihood,
                             const LogLikelihood::GivenLevel& given, Judged& judged) const {
    judged.threshold = reliable_pareto_k(static_cast<double>(fit.posterior.chains() * given.draws));
    std::vector<Criteria> marginal(judged.units.size());
    const Collected collected =
        collect(given.draws, fit, likelihood, {.pareto_k = judged.threshold}, marginal,
                [&](const LogLikelihood::Visit& visit) { likelihood.of_rows(given, visit); });
    judged.given_level = fit.model->design.groupings[given.grouping].name;
    for (std::size_t i = 0; i < marginal.size(); ++i) {
      Criteria& unit = judged.units[i];
      unit.p_loo += unit.elpd_loo - marginal[i].elpd_loo;
      unit.elpd_loo = marginal[i].elpd_loo;
      unit.pareto_k = marginal[i].pareto_k;
      unit.efficiency = marginal[i].efficiency;
      unit.mcse = marginal[i].mcse;
    }
    judged.mcse = error(given.draws, collected, judged.units);
  }

  /// Fits again without the levels that the draws say too little of. Returns why not all of them.
  std::string refit(const Fit& fit, std::size_t grouping, std::size_t most,
                    const Collected& collected, std::vector<Criteria>& levels) const {
    std::vector<std::size_t> wanted;
    for (std::size_t level = 0; level < levels.size(); ++level) {
      if (!collected.counted[level] && !std::isnan(levels[level].elpd_loo)) wanted.push_back(level);
    }
    std::ranges::stable_sort(wanted, [&](std::size_t a, std::size_t b) {
      return levels[a].pareto_k > levels[b].pareto_k;
    });
    return refit_levels(fit, grouping, wanted, most, levels).why_not;
  }

  void add(const Fit& fit, Judged& judged, std::size_t number, Report& report) const {
    judged.normal = query<GaussianRows>(*fit.model->design.family) != nullptr;
    add_findings(judged, !fit.model->design.groupings.empty(), report);
    add_tables(judged, worst_, pointwise_, report);
    if (fit.wants_figures) add_figure(judged, number, report);
  }

  bool rows_;
  std::string groups_;
  bool efficiencies_;
  std::size_t worst_;
  bool pointwise_;
  std::size_t refits_;
};

}  // namespace tarn::information

TARN_PLUGIN("information", "0.3.0") {
  plugin.diagnostic<tarn::information::Information>(
      "information",
      "leave-one-out by Pareto-smoothed importance sampling, by row and by group; "
      "WAIC");
}
