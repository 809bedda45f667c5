// tarn compare: which fit predicts best, and is that more than noise?
#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/comparable.hpp"
#include "fits/comparison.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/text_table.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

std::vector<std::unique_ptr<LoadedFit>> open(const Arguments& arguments, const Registry& registry) {
  const std::vector<std::string>& files = arguments.words();
  if (files.size() < 2) {
    throw UsageError(
        files.empty()
            ? "tarn compare needs chain files, for example: tarn compare pooled.h5 groups.h5"
            : fmt::format("one fit has nothing to be compared with; name another beside '{}', or "
                          "see its own leave-one-out: tarn check {}",
                          files.front(), files.front()));
  }
  std::vector<std::unique_ptr<LoadedFit>> fits;
  for (const std::string& file : files) {
    fits.push_back(std::make_unique<LoadedFit>(file, registry));
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

nlohmann::ordered_json comparison_json(const Comparison& comparison, const std::string& weights) {
  const Criterion& criterion = comparison.criterion;
  nlohmann::ordered_json fits = nlohmann::ordered_json::array();
  for (const Compared& fit : comparison.fits) {
    fits.push_back({{"name", fit.name()},
                    {"elpd", fit.elpd},
                    {"se", fit.se},
                    {"p", fit.p},
                    {"elpd_diff", fit.difference.elpd},
                    {"se_diff", fit.difference.se},
                    {"weight", fit.weight},
                    {"bad_k", fit.bad_k},
                    {"mcse", fit.mcse},
                    {"refitted", fit.refitted},
                    {"model", fit.fit->file().attribute("name")},
                    {"complete", fit.fit->file().complete()}});
  }
  nlohmann::ordered_json group = nullptr;
  if (!criterion.group.empty()) group = criterion.group;
  return {{"schema_version", 1},
          {"criterion", criterion.name},
          {"group", group},
          {"units", comparison.units},
          {"weights", weights},
          {"fits", std::move(fits)},
          {"findings", comparison.sentences}};
}

ExitCode compare_fits(const Arguments& arguments) {
  Criterion criterion = criterion_of(arguments.choice("criterion", {"loo", "waic", "logo"}));
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

  const Comparison comparison = compare(fits, criterion, weights == "stacking", threads);
  if (arguments.flag("json")) {
    print(dumped(comparison_json(comparison, weights)));
  } else {
    std::string text =
        fmt::format("{}, best first\n\n{}\n", heading(comparison), table_of(comparison).text());
    for (const std::string& sentence : comparison.sentences)
      text += wrapped("- " + sentence, 100, 2) + '\n';
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
      "is not to be relied on. A group whose Pareto k is bad is left out by fitting again without "
      "its rows, by the sampler of the fit; the Monte Carlo error of elpd is printed.";
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
