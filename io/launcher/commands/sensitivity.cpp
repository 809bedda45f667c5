// tarn sensitivity: how sensitive is the posterior to the priors?
#include <algorithm>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/diagnosis.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/numbers.hpp"
#include "report/summary_table.hpp"
#include "report/text_table.hpp"

namespace tarn::launcher {
namespace {

const std::string diagnostic = "prior_sensitivity";

const ReportTable* find(const Report& report, const std::string& name) {
  const auto found = std::ranges::find(report.tables(), name, &ReportTable::name);
  return found == report.tables().end() ? nullptr : &*found;
}

std::string diagnosis(double prior, double likelihood, double threshold) {
  if (!(prior >= threshold)) return "-";
  return likelihood >= threshold ? "prior-data conflict" : "strong prior / weak likelihood";
}

std::string sensitivities(const ReportTable& table, double threshold) {
  TextTable text({{"parameter"},
                  {"prior", TextTable::Align::point},
                  {"likelihood", TextTable::Align::point},
                  {"potential", TextTable::Align::left}});
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    text.add({table.rows[i], number_text(table.at(i, 0), 3), number_text(table.at(i, 1), 3),
              diagnosis(table.at(i, 0), table.at(i, 1), threshold)});
  }
  return "sensitivity to the prior and to the likelihood\n" + text.text();
}

std::string against_prior(const ReportTable& table) {
  TextTable text({{"parameter"},
                  {"prior median", TextTable::Align::point},
                  {"half-width", TextTable::Align::point},
                  {"posterior median", TextTable::Align::point},
                  {"half-width", TextTable::Align::point},
                  {"contraction", TextTable::Align::point},
                  {"shift", TextTable::Align::point}});
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    std::vector<std::string> row{table.rows[i]};
    for (std::size_t k = 0; k < 4; ++k) row.push_back(fmt::format("{:.3g}", table.at(i, k)));
    row.push_back(number_text(table.at(i, 4), 2));
    row.push_back(number_text(table.at(i, 5), 2));
    text.add(std::move(row));
  }
  return "prior against posterior (half-width: of the central 68 %)\n" + text.text();
}

ExitCode sensitivity(const Arguments& arguments) {
  if (arguments.words().size() > 1) {
    throw UsageError(
        "tarn sensitivity takes one chain file at a time; tarn summary, check, compare, report and "
        "export take several");
  }
  if (arguments.words().empty()) {
    throw UsageError(
        "tarn sensitivity needs one chain file, for example: tarn sensitivity radon.h5");
  }
  const double threshold = arguments.number("threshold", 0, 10);
  const Registry registry = load_plugins(arguments, true);
  const LoadedFit fit(arguments.words().front(), registry);
  say_if_unfinished(fit);
  fit.required_model();
  DiagnosisOptions options;
  options.only = {diagnostic};
  options.settings[diagnostic] = {fmt::format("threshold={}", threshold),
                                  fmt::format("effects={}", arguments.flag("all"))};
  const Diagnosed judged = diagnose(fit, options).front();
  if (!judged.why_not.empty()) throw InputError(judged.why_not);
  if (arguments.flag("json")) {
    nlohmann::ordered_json tables = nlohmann::ordered_json::array();
    for (const ReportTable& table : judged.report.tables()) tables.push_back(to_json(table));
    print(dumped({{"schema_version", 1},
                  {"file", fit.path().string()},
                  {"threshold", threshold},
                  {"findings", to_json(judged.report.findings())},
                  {"tables", std::move(tables)}}));
    return ExitCode::done;
  }
  std::string text;
  if (const ReportTable* table = find(judged.report, "sensitivity")) {
    text += sensitivities(*table, threshold) + "\n";
  }
  if (const ReportTable* table = find(judged.report, "prior_posterior")) {
    text += against_prior(*table) + "\n";
  }
  print(text + findings_text(judged.report.findings()));
  return ExitCode::done;
}

}  // namespace

Command sensitivity_command() {
  Command command;
  command.name = "sensitivity";
  command.summary = "how sensitive the posterior is to the priors";
  command.usage = {"FILE [options]"};
  command.description =
      "Raises the prior, and the likelihood, to a power a little off 1 and says how far each "
      "posterior moves, without fitting anew: draws are weighted (power scaling, Kallioinen et al. "
      "2024, as in R's priorsense). A parameter that is sensitive to both its prior and "
      "the data hints at a conflict of the two; one that is sensitive to its prior alone, at data "
      "that say little about it. Then each posterior beside its prior: contraction is 1 less the "
      "ratio of their variances, shift how far the median moved, in half-widths of the prior.";
  command.groups = {{"what to show",
                     {{"all", {}, "group effects too"},
                      {"threshold", "X", "a parameter is called sensitive above this", "0.05"},
                      json_option()}},
                    common_options()};
  command.examples = {{"the main parameters", "tarn sensitivity radon.h5"},
                      {"in a script", "tarn sensitivity radon.h5 --json | jq .findings"}};
  command.run = sensitivity;
  return command;
}

}  // namespace tarn::launcher
