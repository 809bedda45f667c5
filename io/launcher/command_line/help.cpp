// The help of a command, from its description.
#include <algorithm>

#include <fmt/format.h>

#include "command_line/command.hpp"
#include "command_line/reading.hpp"
#include "report/text_table.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t page = 100;
constexpr std::size_t option_column = 30;

std::string option_lines(const Option& option) {
  std::string spelled = option.letter != 0 ? fmt::format("  -{}, --{}", option.letter, option.name)
                                           : fmt::format("      --{}", option.name);
  if (!option.argument.empty()) spelled += ' ' + option.argument;
  std::string describes = option.describes;
  if (option.repeatable) describes += "; may be repeated";
  if (!option.standard.empty()) describes += fmt::format(" [{}]", option.standard);

  const std::size_t width = text_width(spelled);
  if (width + 2 > option_column) {
    spelled += '\n' + std::string(option_column, ' ');
  } else {
    spelled.append(option_column - width, ' ');
  }
  std::string text = wrapped(describes, page - option_column);
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, option_column, ' ');
  }
  return spelled + text + '\n';
}

}  // namespace

const Option* Command::find(const std::string& option) const {
  for (const OptionGroup& group : groups) {
    for (const Option& candidate : group.options) {
      if (candidate.name == option) return &candidate;
    }
  }
  return nullptr;
}

std::vector<std::string> Command::option_names() const {
  std::vector<std::string> names;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options) names.push_back(option.name);
  }
  return names;
}

OptionGroup data_options() {
  OptionGroup group{
      "what to fit",
      {{"data", "FILE", "data file, as an alternative to naming it first", {}, true},
       {"formula",
        "FORMULA",
        "formula, as an alternative to the arguments that hold a ~; further ones predict a "
        "parameter of the family: 'sigma ~ x'",
        {},
        true},
       {"family", "NAME",
        "distribution of the response, with another link as NAME(LINK); 'tarn plugin list' "
        "shows them",
        "gaussian"},
       {"na", "drop|error", "rows with missing values in the columns used", "drop"},
       {"center", "yes|no|population",
        "priors of the intercept, and of the intercepts of correlated group terms, are at the "
        "covariates' means; population: of the intercept only",
        "yes"}}};
  const std::vector<Option> reading = reading_options();
  group.options.insert(group.options.end(), reading.begin(), reading.end());
  return group;
}

Option json_option() { return {"json", {}, "one JSON object instead of text"}; }

Option quiet_option() { return {"quiet", {}, "no remarks on standard error", {}, false, 'q'}; }

OptionGroup common_options() {
  return {"setting up",
          {{"plugin-path", "FOLDER", "look for plugins here first", {}, true},
           {"config", "FILE", "take options from an INI file: lines such as draws = 2000"},
           {"help", {}, "this text", {}, false, 'h'}}};
}

std::string help_text(const Command& command) {
  std::string text = fmt::format("tarn {}: {}\n\n", command.name, command.summary);
  for (std::size_t i = 0; i < command.usage.size(); ++i) {
    text += fmt::format("{} tarn {} {}\n", i == 0 ? "usage:" : "      ", command.name,
                        command.usage[i]);
  }
  text += '\n' + wrapped(command.description, page) + '\n';
  for (const OptionGroup& group : command.groups) {
    text += fmt::format("\n{}:\n", group.title);
    for (const Option& option : group.options) text += option_lines(option);
  }
  if (!command.examples.empty()) text += "\nexamples:\n";
  for (const Example& example : command.examples) {
    text += fmt::format("  # {}\n  {}\n", example.shows, example.line);
  }
  text += '\n' +
          wrapped(
              "Every option may also stand in a configuration file, or in the "
              "environment: --max-time is TARN_MAX_TIME. The command line wins over "
              "the environment, and that over the file.",
              page) +
          '\n';
  return text;
}

std::string overview(const std::vector<Command>& commands) {
  std::string text =
      "tarn: Bayesian hierarchical linear regression, plugin by plugin\n\n"
      "usage: tarn COMMAND [arguments] [options]\n\ncommands:\n";
  std::size_t longest = 0;
  for (const Command& command : commands) longest = std::max(longest, command.name.size());
  for (const Command& command : commands) {
    text += fmt::format("  {:<{}}  {}\n", command.name, longest, command.summary);
  }
  text +=
      "\nexamples:\n"
      "  tarn fit radon.csv 'log_radon ~ floor + (1 | county)' -o radon.h5\n"
      "  tarn summary radon.h5\n"
      "  tarn help fit\n";
  return text;
}

}  // namespace tarn::launcher
