// tarn check: may these draws be used?
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/description.hpp"
#include "fits/diagnosis.hpp"
#include "fits/judgement.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/summary_table.hpp"
#include "report/text_table.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

/// The findings; the tables are for `--json`. Empty where there is nothing to say.
std::string to_text(const Diagnosed& one) {
  if (!one.why_not.empty()) {
    return wrapped(fmt::format("{} does not apply: {}", one.type->name, one.why_not), 100, 2) +
           "\n\n";
  }
  if (one.report.findings().empty()) return "";
  return fmt::format("{}: {}\n{}\n", one.type->name, one.type->summary,
                     findings_text(one.report.findings()));
}

nlohmann::ordered_json check_json(const LoadedFit& fit, const std::vector<Diagnosed>& all) {
  std::vector<Finding> findings;
  nlohmann::ordered_json diagnostics = nlohmann::ordered_json::array();
  for (const Diagnosed& one : all) {
    nlohmann::ordered_json tables = nlohmann::ordered_json::array();
    for (const ReportTable& table : one.report.tables()) {
      tables.push_back(launcher::to_json(table));
    }
    const auto& here = one.report.findings();
    findings.insert(findings.end(), here.begin(), here.end());
    nlohmann::ordered_json entry{{"name", one.type->name}, {"applies", one.why_not.empty()}};
    if (!one.why_not.empty()) entry["why_not"] = one.why_not;
    entry["findings"] = launcher::to_json(here);
    entry["tables"] = std::move(tables);
    diagnostics.push_back(std::move(entry));
  }
  return {{"schema_version", 1},
          {"file", fit.path().string()},
          {"complete", fit.file().complete()},
          {"approximate", is_approximate(fit.file())},
          {"verdict", verdict_word(findings)},
          {"diagnostics", std::move(diagnostics)}};
}

/// NAME=VALUE is for every diagnostic asked for that has such a setting, DIAGNOSTIC.NAME=VALUE for
/// one. Throws UsageError for one that none has.
std::map<std::string, std::vector<std::string>> settings_by_diagnostic(
    const Registry& registry, const std::vector<std::string>& only,
    const std::vector<std::string>& given) {
  std::map<std::string, std::vector<std::string>> settings;
  for (const std::string& text : given) {
    const std::string key = text.substr(0, text.find('='));
    std::vector<std::string> known;
    bool used = false;
    for (const auto& plugin : registry.plugins()) {
      for (const DiagnosticType& type : plugin->types.diagnostics) {
        if (!only.empty() && std::ranges::find(only, type.name) == only.end()) continue;
        for (const Setting& setting : type.settings) {
          const std::string whole = type.name + "." + setting.name;
          known.insert(known.end(), {setting.name, whole});
          if (key != setting.name && key != whole) continue;
          settings[type.name].push_back(setting.name + text.substr(key.size()));
          used = true;
        }
      }
    }
    if (used) continue;
    throw UsageError(
        fmt::format("--set {}=...: no diagnostic{} has a setting '{}'; {}tarn plugin info "
                    "DIAGNOSTIC shows them",
                    key, only.empty() ? "" : " that is asked for", key, did_you_mean(key, known)));
  }
  return settings;
}

ExitCode check(const Arguments& arguments) {
  if (arguments.words().empty()) {
    throw UsageError("tarn check needs a chain file, for example: tarn check radon.h5");
  }
  const std::vector<std::string> files = leading_files(arguments.words());
  DiagnosisOptions options;
  options.only.assign(arguments.words().begin() + std::ssize(files), arguments.words().end());
  if (arguments.given("truth")) options.truth = read_truth(arguments.text("truth"));
  const Registry registry = load_plugins(arguments, true);
  for (const std::string& name : options.only) registry.diagnostic(name);
  options.settings = settings_by_diagnostic(registry, options.only, arguments.texts("set"));
  std::string text;
  nlohmann::ordered_json fits = nlohmann::ordered_json::array();
  Finding::Level level = Finding::Level::good;
  for (const std::string& name : files) {
    const LoadedFit fit(name, registry);
    say_if_unfinished(fit);
    const std::vector<Diagnosed> all = diagnose(fit, options);
    level = std::max(level, worst(all));
    fits.push_back(check_json(fit, all));
    if (files.size() > 1) text += (text.empty() ? "" : "\n") + name + "\n\n";
    for (const Diagnosed& one : all) text += to_text(one);
    if (options.only.empty()) {  // a part is no verdict
      text += verdict_line(worst(all), is_approximate(fit.file()));
    }
  }
  if (!arguments.flag("json")) {
    print(text);
  } else if (files.size() == 1) {
    print(dumped(fits.front()));
  } else {
    print(dumped({{"schema_version", 1}, {"fits", std::move(fits)}}));
  }
  return level == Finding::Level::bad ? ExitCode::diagnostics : ExitCode::done;
}

}  // namespace

Command check_command() {
  Command command;
  command.name = "check";
  command.summary = "all diagnostics of a chain file, each with advice";
  command.usage = {"FILE... [DIAGNOSTIC...] [options]"};
  command.description =
      "Judges the draws and the model of a finished fit by every diagnostic that applies, or by "
      "those named, and says what to do about what it finds. The chain file holds the data, so "
      "nothing else is needed. Ends with exit code 6 if something is bad. --json adds the tables.";
  command.groups = {
      {"what to check",
       {{"truth", "FILE", "true values of a simulation, as 'tarn simulate' writes them"},
        {"set",
         "NAME=VALUE",
         "a setting of the diagnostics that have one of this name, or DIAGNOSTIC.NAME of one "
         "alone; see 'tarn plugin info'",
         {},
         true},
        json_option()}},
      common_options()};
  command.examples = {{"everything", "tarn check radon.h5"},
                      {"one diagnostic", "tarn check radon.h5 autocorrelation"},
                      {"the figures of every row, for a script",
                       "tarn check radon.h5 information --set pointwise=true --json"},
                      {"in a script", "tarn check radon.h5 --json | jq .verdict"}};
  command.run = check;
  return command;
}

}  // namespace tarn::launcher
