// tarn compare: which fit predicts best, and is that more than noise?
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "comparable.hpp"
#include "configuration.hpp"
#include "preparation.hpp"
#include "report/comparison.hpp"
#include "report/numbers.hpp"
#include "report/summary_table.hpp"
#include "report/text_table.hpp"
#include "run/guard.hpp"
#include "tarn/pareto.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

constexpr double small_difference = 4;  // Sivula, Magnusson, Matamoros & Vehtari 2020
constexpr std::size_t few_units = 100;  // of which se_diff is too small (the same)

struct Criterion {
  std::string name;   // loo, waic, logo
  std::string group;  // for logo
  std::string elpd;   // columns of the table of `information`
  std::string p;

  std::string unit() const { return group.empty() ? "row" : "group"; }
};

/// The pointwise figures of one fit.
struct Pointwise {
  std::vector<std::string> labels;
  Vector elpd;
  double p = 0;
  std::size_t bad_k = 0;
};

struct Compared {
  const Reopened* fit;
  double elpd, se, p;
  Difference difference;
  double weight;
  std::size_t bad_k;

  std::string name() const { return fit->path().string(); }
};

std::vector<std::unique_ptr<Reopened>> open(const Arguments& arguments, const Registry& registry) {
  const std::vector<std::string>& files = arguments.words();
  if (files.size() < 2) {
    throw UsageError(
        files.empty()
            ? "tarn compare needs chain files, for example: tarn compare pooled.h5 groups.h5"
            : fmt::format("one fit has nothing to be compared with; name another beside '{}', or "
                          "see its own leave-one-out: tarn check {}",
                          files.front(), files.front()));
  }
  std::vector<std::unique_ptr<Reopened>> fits;
  for (const std::string& file : files) {
    fits.push_back(std::make_unique<Reopened>(file, registry));
    for (std::size_t k = 0; k + 1 < fits.size(); ++k) {
      if (!fs::equivalent(files[k], file)) continue;
      throw UsageError(
          fmt::format("'{}' and '{}' are the same file; name each fit once", files[k], file));
    }
    say_if_unfinished(*fits.back());
    fits.back()->required_model();
  }
  return fits;
}

Pointwise pointwise(const Reopened& fit, const FittedModel& model, const Criterion& criterion,
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
  Report report;
  guarded("diagnostic", found.type->name, "judge()", [&] {
    found.type->make(settings)->judge({.posterior = fit.file().posterior(),
                                       .statistics = &fit.file().statistics(),
                                       .model = &model,
                                       .threads = threads},
                                      report);
  });
  for (const Finding& finding : report.findings()) {
    if (finding.level != Finding::Level::bad) continue;
    throw InputError(fmt::format("'{}': {}", fit.path().string(), finding.sentence));
  }
  const std::string name = groups ? "pointwise_" + criterion.group : "pointwise";
  const auto table = std::ranges::find(report.tables(), name, &ReportTable::name);
  if (table == report.tables().end()) {
    throw PluginError(fmt::format("diagnostic 'information' gives no table '{}'", name));
  }
  Pointwise result{table->rows, Vector(static_cast<Eigen::Index>(table->rows.size()))};
  const std::size_t elpd = column_of(*table, criterion.elpd);
  const std::size_t p = column_of(*table, criterion.p);
  const std::size_t k = column_of(*table, "pareto_k");
  const Draws& draws = fit.file().posterior();
  const double threshold = reliable_pareto_k(static_cast<double>(draws.chains() * draws.draws()));
  for (std::size_t i = 0; i < table->rows.size(); ++i) {
    result.elpd[static_cast<Eigen::Index>(i)] = table->at(i, elpd);
    result.p += table->at(i, p);
    if (table->at(i, k) > threshold) ++result.bad_k;
  }
  return result;
}

std::vector<Compared> compare(const std::vector<std::unique_ptr<Reopened>>& fits,
                              const std::vector<Pointwise>& all, bool stacking) {
  Matrix elpd(all.front().elpd.size(), static_cast<Eigen::Index>(all.size()));
  for (std::size_t k = 0; k < all.size(); ++k) {
    elpd.col(static_cast<Eigen::Index>(k)) = all[k].elpd;
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
                     difference(elpd, k, order.front()), weights[static_cast<Eigen::Index>(k)],
                     all[k].bad_k});
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
    if (-d < small_difference) {
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
    if (fit.bad_k == 0) continue;
    all.push_back(fmt::format(
        "{}: Pareto k is bad for {} of {}, so that its elpd is too high as a rule; tarn check says "
        "which",
        fit.name(), fit.bad_k, count_of(units, criterion.unit())));
  }
  return all;
}

std::string to_text(const std::vector<Compared>& table) {
  using Align = TextTable::Align;
  TextTable text({{"fit"},
                  {"elpd", Align::point},
                  {"se", Align::point},
                  {"p", Align::point},
                  {"elpd_diff", Align::point},
                  {"se_diff", Align::point},
                  {"weight", Align::point},
                  {"bad_k", Align::right}});
  for (const Compared& fit : table) {
    text.add({fit.name(), number_text(fit.elpd, 1), number_text(fit.se, 1), number_text(fit.p, 1),
              number_text(fit.difference.elpd, 1), number_text(fit.difference.se, 1),
              number_text(fit.weight, 3), std::to_string(fit.bad_k)});
  }
  return text.text();
}

nlohmann::ordered_json to_json(const std::vector<Compared>& table,
                               const std::vector<std::string>& findings, const Criterion& criterion,
                               std::size_t units, const std::string& weights) {
  nlohmann::ordered_json fits = nlohmann::ordered_json::array();
  for (const Compared& fit : table) {
    fits.push_back({{"name", fit.name()},
                    {"elpd", fit.elpd},
                    {"se", fit.se},
                    {"p", fit.p},
                    {"elpd_diff", fit.difference.elpd},
                    {"se_diff", fit.difference.se},
                    {"weight", fit.weight},
                    {"bad_k", fit.bad_k},
                    {"model", fit.fit->file().attribute("name")},
                    {"complete", fit.fit->file().complete()}});
  }
  nlohmann::ordered_json group = nullptr;
  if (!criterion.group.empty()) group = criterion.group;
  return {{"schema_version", 1}, {"criterion", criterion.name}, {"group", group},
          {"units", units},      {"weights", weights},          {"fits", std::move(fits)},
          {"findings", findings}};
}

std::string heading(const Criterion& criterion, std::size_t units) {
  if (criterion.name == "waic") return fmt::format("WAIC over {}", count_of(units, "row"));
  if (criterion.name == "loo") return fmt::format("leave-one-out over {}", count_of(units, "row"));
  return fmt::format("leave-one-group-out over {} of {}", count_of(units, "level"),
                     criterion.group);
}

ExitCode compare_fits(const Arguments& arguments) {
  Criterion criterion{
      arguments.choice("criterion", {"loo", "waic", "logo"}), {}, "elpd_loo", "p_loo"};
  if (criterion.name == "waic") criterion.elpd = "elpd_waic", criterion.p = "p_waic";
  if (arguments.given("group") && criterion.name != "logo") {
    arguments.refuse("group", "groups are left out only with --criterion logo");
  }
  const std::string weights = arguments.choice("weights", {"stacking", "pseudo-bma+"});
  const std::size_t threads = arguments.given("threads")
                                  ? arguments.count("threads", 1, 4096)
                                  : std::max(1u, std::thread::hardware_concurrency());
  const Registry registry = load_plugins(arguments, arguments.flag("json"));
  const auto fits = open(arguments, registry);
  check_comparable(fits);
  if (criterion.name == "logo") {
    criterion.group = shared_grouping(fits, arguments.text("group"));
  }

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
  const std::vector<Compared> table = compare(fits, all, weights == "stacking");
  const std::vector<std::string> findings = sentences(table, criterion, units);
  if (arguments.flag("json")) {
    print(dumped(to_json(table, findings, criterion, units, weights)));
  } else {
    std::string text =
        fmt::format("{}, best first\n\n{}\n", heading(criterion, units), to_text(table));
    for (const std::string& sentence : findings) text += wrapped("- " + sentence, 100, 2) + '\n';
    print(text);
  }
  return ExitCode::done;
}

}  // namespace

Command compare_command() {
  Command command;
  command.name = "compare";
  command.summary = "which of several fits predicts best";
  command.usage = {"FILE FILE... [options]"};
  command.description =
      "Compares fits of the same rows by how well each predicts what was left out: expected log "
      "predictive density (elpd), by Pareto-smoothed importance sampling from the draws that are "
      "there. Prints, best first, elpd with its standard error, the effective number of parameters "
      "p, the difference from the best with the standard error of the difference, the weight in "
      "the best combination of the fits, and for how many rows the Pareto k is bad, so that elpd "
      "is not to be relied on.";
  command.groups = {
      {"how",
       {{"criterion", "NAME",
         "loo: a row is left out, its group known; logo: a whole group, its effect integrated out; "
         "waic",
         "loo"},
        {"group", "NAME", "for logo: the grouping factor, where there are several"},
        {"weights", "NAME", "stacking or pseudo-bma+", "stacking"},
        {"threads", "N", "at most so many threads; by default one for every processor"},
        json_option()}},
      common_options()};
  command.examples = {
      {"does it help to tell counties apart?", "tarn compare pooled.h5 county.h5"},
      {"to predict counties not seen", "tarn compare pooled.h5 county.h5 --criterion logo"},
      {"for scripts", "tarn compare a.h5 b.h5 --json | jq '.fits[0].name'"}};
  command.run = compare_fits;
  return command;
}

}  // namespace tarn::launcher
