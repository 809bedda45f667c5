// The pointwise figures of `information`, put side by side.
#include "fits/comparison.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "fits/comparable.hpp"
#include "fits/refitting.hpp"
#include "report/numbers.hpp"
#include "report/summary_table.hpp"
#include "tarn/pareto.hpp"

namespace tarn::launcher {
namespace {

constexpr double small_difference = 4;  // Sivula, Magnusson, Matamoros & Vehtari 2020
constexpr double large_error = 0.5;     // Monte Carlo error that can turn such a difference
constexpr std::size_t few_units = 100;  // of which se_diff is too small (the same)

/// The pointwise figures of one fit.
struct Pointwise {
  std::vector<std::string> labels;
  Vector elpd;
  double p = 0;
  std::size_t bad_k = 0;
  std::size_t refitted = 0;
  double mcse = 0;  // of the sum of elpd
};

Pointwise pointwise(const LoadedFit& fit, const FittedModel& model, const Criterion& criterion,
                    std::size_t threads) {
  const auto found = fit.registry().diagnostic("information");
  for (const std::string& need : found.type->needs) {
    if (need == "model" || std::ranges::find(model.type.offers, need) != model.type.offers.end()) {
      continue;
    }
    throw PluginError(fmt::format("'{}' cannot be compared: model '{}' does not offer {}",
                                  fit.path().string(), model.type.name, need));
  }
  const bool groups = !criterion.group.empty();
  const std::vector<std::string> given{"pointwise=true",
                                       fmt::format("rows={}", groups ? "false" : "true"),
                                       "groups=" + (groups ? criterion.group : "none")};
  const Settings settings(found.type->settings, given, "diagnostic 'information'");
  const Refitting refitting(fit);
  Fit what{.posterior = fit.file().posterior(),
           .statistics = &fit.file().statistics(),
           .model = &model,
           .threads = threads};
  refitting.offer(what);
  Report report;
  guarded("diagnostic", found.type->name, "evaluate()",
          [&] { found.type->make(settings)->evaluate(what, report); });
  for (const Finding& finding : report.findings()) {
    if (finding.level != Finding::Level::bad) continue;
    throw InputError(fmt::format("'{}': {}", fit.path().string(), finding.sentence));
  }
  const std::string suffix = groups ? "_" + criterion.group : "";
  const std::string name = "pointwise" + suffix;
  const auto table = std::ranges::find(report.tables(), name, &ReportTable::name);
  if (table == report.tables().end()) {
    throw PluginError(fmt::format("diagnostic 'information' gives no table '{}'", name));
  }
  Pointwise result{table->rows, Vector(as_index(table->rows.size()))};
  const std::size_t elpd = column_of(*table, criterion.elpd);
  const std::size_t p = column_of(*table, criterion.p);
  const std::size_t k = column_of(*table, "pareto_k");
  const std::size_t refitted = column_of(*table, "refitted");
  const Draws& draws = fit.file().posterior();
  const double threshold = reliable_pareto_k(static_cast<double>(draws.chains() * draws.draws()));
  for (std::size_t i = 0; i < table->rows.size(); ++i) {
    result.elpd[as_index(i)] = table->at(i, elpd);
    result.p += table->at(i, p);
    const bool again = table->at(i, refitted) > 0;
    if (again) ++result.refitted;
    if (!again && table->at(i, k) > threshold) ++result.bad_k;
  }
  const auto sums = std::ranges::find(report.tables(), "information" + suffix, &ReportTable::name);
  if (sums != report.tables().end() && criterion.name != "waic") {
    result.mcse = sums->at(0, column_of(*sums, "mcse"));
  }
  return result;
}

std::vector<Compared> ordered(const std::vector<std::unique_ptr<LoadedFit>>& fits,
                              const std::vector<Pointwise>& all, bool stacking) {
  Matrix elpd(all.front().elpd.size(), as_index(all.size()));
  for (std::size_t k = 0; k < all.size(); ++k) {
    elpd.col(as_index(k)) = all[k].elpd;
  }
  const std::vector<std::size_t> order = best_first(elpd);
  Rng rng(Stream{.seed = 1, .purpose = Purpose::test});  // of the bootstrap: always the same
  const Vector weights = stacking ? stacking_weights(elpd) : pseudo_bma_weights(elpd, rng);
  const auto n = static_cast<double>(elpd.rows());
  std::vector<Compared> table;
  for (const std::size_t k : order) {
    const Vector& x = all[k].elpd;
    const double variance = (x.array() - x.mean()).square().sum() / (n - 1);
    table.push_back({fits[k].get(), x.sum(), std::sqrt(n * variance), all[k].p,
                     difference(elpd, k, order.front()), weights[as_index(k)], all[k].bad_k,
                     all[k].refitted, all[k].mcse});
  }
  return table;
}

/// What the table means, in sentences.
std::vector<std::string> sentences(const std::vector<Compared>& table, const Criterion& criterion,
                                   std::size_t units) {
  std::vector<std::string> all;
  const Compared& best = table.front();
  for (std::size_t k = 1; k < table.size(); ++k) {
    const Compared& other = table[k];
    const auto [d, se] = other.difference;
    const double error = std::hypot(best.mcse, other.mcse);
    if (error > large_error && -d < 2 * error) {
      all.push_back(
          fmt::format("the difference of {:.1f} between {} and {} is within its Monte "
                      "Carlo error ({:.1f}); draw more",
                      -d, best.name(), other.name(), error));
    } else if (-d < small_difference) {
      all.push_back(fmt::format("{} predicts about as well as {}: a difference below {} is small",
                                other.name(), best.name(), small_difference));
    } else if (-d < 2 * se) {
      all.push_back(
          fmt::format("{} may predict as well as {}: the difference of {:.1f} is within "
                      "its noise (standard error {:.1f})",
                      other.name(), best.name(), -d, se));
    } else {
      all.push_back(fmt::format("{} predicts better than {}: by {:.1f} (standard error {:.1f})",
                                best.name(), other.name(), -d, se));
    }
  }
  if (units < few_units) {
    all.push_back(fmt::format("with only {} the standard errors are too small",
                              count_of(units, criterion.unit())));
  }
  for (const Compared& fit : table) {
    if (criterion.group.empty()) break;
    all.push_back(
        fmt::format("{}: the Monte Carlo error of its elpd is {:.2g}{}", fit.name(), fit.mcse,
                    fit.refitted == 0 ? ""
                                      : fmt::format("; it was made again without each of {}",
                                                    count_of(fit.refitted, "level"))));
  }
  for (const Compared& fit : table) {
    if (fit.bad_k == 0) continue;
    all.push_back(fmt::format(
        "{}: Pareto k is bad for {} of {}, so that its elpd is too high as a rule; tarn check says "
        "which",
        fit.name(), fit.bad_k, count_of(units, criterion.unit())));
  }
  return all;
}

}  // namespace

Criterion criterion_of(const std::string& name) {
  if (name == "waic") return {name, {}, "elpd_waic", "p_waic"};
  return {name, {}, "elpd_loo", "p_loo"};
}

Comparison compare(const std::vector<std::unique_ptr<LoadedFit>>& fits, const Criterion& criterion,
                   bool stacking, std::size_t threads) {
  std::vector<Pointwise> all;
  for (const auto& fit : fits) {
    if (criterion.group.empty()) {
      all.push_back(pointwise(*fit, *fit->model(), criterion, threads));
    } else {
      const auto donor = std::ranges::find_if(fits, [&](const auto& other) {
        return std::ranges::find(other->design().groupings, criterion.group, &Grouping::name) !=
               other->design().groupings.end();
      });
      const Grouped grouped(*fit, **donor, criterion.group);
      all.push_back(pointwise(*fit, grouped.model(), criterion, threads));
    }
  }
  const std::size_t units = all.front().labels.size();
  std::vector<Compared> table = ordered(fits, all, stacking);
  std::vector<std::string> said = sentences(table, criterion, units);
  return {criterion, units, std::move(table), std::move(said)};
}

std::string heading(const Comparison& comparison) {
  const Criterion& criterion = comparison.criterion;
  const std::size_t units = comparison.units;
  if (criterion.name == "waic") return fmt::format("WAIC over {}", count_of(units, "row"));
  if (criterion.name == "loo") return fmt::format("leave-one-out over {}", count_of(units, "row"));
  return fmt::format("leave-one-group-out over {} of {}", count_of(units, "level"),
                     criterion.group);
}

TextTable table_of(const Comparison& comparison) {
  using Align = TextTable::Align;
  TextTable text({{"fit"},
                  {"elpd", Align::point},
                  {"se", Align::point},
                  {"p", Align::point},
                  {"elpd_diff", Align::point},
                  {"se_diff", Align::point},
                  {"weight", Align::point},
                  {"bad_k", Align::right}});
  for (const Compared& fit : comparison.fits) {
    text.add({fit.name(), number_text(fit.elpd, 1), number_text(fit.se, 1), number_text(fit.p, 1),
              number_text(fit.difference.elpd, 1), number_text(fit.difference.se, 1),
              number_text(fit.weight, 3), std::to_string(fit.bad_k)});
  }
  return text;
}

}  // namespace tarn::launcher
