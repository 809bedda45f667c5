// tarn priors: every prior that a fit would use, and where it comes from.
#include <algorithm>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/description.hpp"
#include "fits/stored_configuration.hpp"
#include "fitting/centering.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/text_table.hpp"

namespace tarn::launcher {
namespace {

std::string as_text(const Priors& priors, const Design& design) {
  using Align = TextTable::Align;
  TextTable table({{"parameter", Align::left}, {"prior", Align::left}, {"source", Align::left}});
  bool groups = false;
  for (const ParameterPrior& prior : priors.all()) {
    const bool at_means = is_at_means(prior.parameter.subject, design);
    groups = groups || (at_means && !prior.parameter.subject.grouping.empty());
    table.add({prior.key() + (prior.on_square ? "^2" : ""), prior.density.text(),
               source_text(prior.source, at_means)});
  }
  std::string text = table.text();
  const auto moves = [](const PredictorDesign& one) { return one.coefficient_centering().moves(); };
  if (moves(design) || std::ranges::any_of(design.predictors, moves)) {
    text +=
        "the intercept's prior is on the intercept at the covariates' means (--center no changes "
        "it)\n";
  }
  if (groups) {
    text +=
        "so are those of the groups' intercepts and their correlations (--center population "
        "changes these)\n";
  }
  for (const std::string& note : notes_on_stated(priors, design)) text += "note: " + note + "\n";
  if (!priors.proper()) text += "flat() is improper: nothing can be simulated from these priors\n";
  return text;
}

/// Of a chain file: the priors that it was fitted with.
ExitCode priors_of_fit(const Arguments& arguments) {
  const std::string& name = arguments.words().front();
  const io::ChainFile file(name);
  const nlohmann::ordered_json config = stored_configuration(file, name);
  const std::string model = config.at("model").value("name", std::string());
  const std::string center = config.at("center").get<std::string>();
  if (arguments.flag("json")) {
    print(dumped({{"schema_version", 1},
                  {"file", name},
                  {"formula", config.at("formula")},
                  {"model", model},
                  {"center", center != "no"},
                  {"center_groups", center == "yes"},
                  {"priors", config.at("priors")}}));
  } else {
    print(fmt::format("{}, as it was fitted: model {}, --center {}\n\n{}", name, model, center,
                      priors_text(config)));
  }
  return ExitCode::done;
}

ExitCode priors(const Arguments& arguments) {
  if (is_about_a_fit(arguments)) return priors_of_fit(arguments);
  const Question asked = question(arguments);
  const bool json = arguments.flag("json");
  check_data_options(arguments);
  const Registry registry = load_plugins(arguments);
  check_names(registry, arguments);
  const Data data = read_data(registry, arguments, asked);
  const auto [model, reason] = choose_model(registry, arguments, data.design());
  const Priors all = make_priors(arguments, *model.type, data.design());
  const std::string& name = model.type->name;
  if (json) {
    print(dumped({{"schema_version", 1},
                  {"formula", asked.formulas.front()},
                  {"further_formulas",
                   std::vector<std::string>(asked.formulas.begin() + 1, asked.formulas.end())},
                  {"model", name},
                  {"center", arguments.text("center") != "no"},
                  {"center_groups", arguments.text("center") == "yes"},
                  {"proper", all.proper()},
                  {"priors", to_json(all, data.design())}}));
  } else {
    print(fmt::format("model {} ({})\n\n{}", name, reason, as_text(all, data.design())));
  }
  return ExitCode::done;
}

}  // namespace

Command priors_command() {
  Command command;
  command.name = "priors";
  command.summary = "every prior that would be used, and where it comes from";
  command.usage = {"DATA... FORMULA... [options]", "FILE [--json]"};
  command.description =
      "Prints the prior of every parameter, with its source: a default scaled to the data, or what "
      "--prior says. Second arguments of densities are standard deviations. The keys on the left "
      "are those that --prior takes; the most specific wins: 'b ~ normal(0, 1)' is for all "
      "coefficients that have no prior of their own. Of a chain file it prints the priors of the "
      "fit.";
  OptionGroup what = data_options();
  what.options.insert(what.options.end(),
                      {{"model", "NAME", "model; by default the most specific that fits"},
                       {"prior", "'KEY ~ DENSITY'", "a prior, as for tarn fit", {}, true}});
  command.groups = {what, {"what comes out", {json_option()}}, common_options()};
  command.examples = {
      {"the defaults", "tarn priors radon.csv 'log_radon ~ floor + (1 | county)'"},
      {"what a fit had", "tarn priors radon.h5"},
      {"try one's own before fitting",
       "tarn priors radon.csv 'log_radon ~ floor' --prior 'sigma^2 ~ inv_gamma(2, 1)'"}};
  command.run = priors;
  return command;
}

}  // namespace tarn::launcher
