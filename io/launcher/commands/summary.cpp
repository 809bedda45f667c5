// tarn summary: what a chain file says, in a table.
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/description.hpp"
#include "fits/judgement.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"

namespace tarn::launcher {
namespace {

/// Draws can be summarised where their data cannot be read, too.
std::optional<Vector> response_of(const io::ChainFile& file) {
  try {
    if (std::optional<io::FitData> data = file.data()) return std::move(data->observed);
  } catch (const InputError& error) {
    warn(error.what());
  }
  return std::nullopt;
}

struct Summarised {
  std::string text;
  nlohmann::ordered_json object;
};

Summarised summary_of(const std::string& name, const Registry& registry,
                      const Selection& selection) {
  const io::ChainFile file(name);
  if (file.posterior().draws() == 0) throw no_draws_yet(name);
  say_if_unfinished(name, file);
  const std::optional<Vector> observed = response_of(file);
  const Judgement judgement = evaluate(registry, file, observed ? &*observed : nullptr, selection);
  Summarised result{
      fmt::format("{}: model {} by {}{}, {}\n\n{}", name, file.attribute("name"),
                  file.attribute("tarn_sampler"), is_approximate(file) ? " (approximate)" : "",
                  heading(file, selection.interval), to_text(judgement)),
      to_json(judgement, file, selection)};
  result.object["file"] = name;
  return result;
}

ExitCode summary(const Arguments& arguments) {
  if (arguments.words().empty()) {
    throw UsageError("tarn summary needs a chain file, for example: tarn summary radon.h5");
  }
  const std::vector<std::string> files = leading_files(arguments.words());
  Selection selection;
  selection.all = arguments.flag("all");
  selection.interval = arguments.number("ci", 0, 1);
  selection.patterns.assign(arguments.words().begin() + std::ssize(files), arguments.words().end());
  const Registry registry = load_plugins(arguments, true);
  std::string text;
  nlohmann::ordered_json fits = nlohmann::ordered_json::array();
  for (const std::string& name : files) {
    Summarised one = summary_of(name, registry, selection);
    text += (text.empty() ? "" : "\n") + one.text;
    fits.push_back(std::move(one.object));
  }
  if (!arguments.flag("json")) {
    print(text);
  } else if (files.size() == 1) {
    print(dumped(fits.front()));
  } else {
    print(dumped({{"schema_version", 1}, {"fits", std::move(fits)}}));
  }
  return ExitCode::done;
}

}  // namespace

Command summary_command() {
  Command command;
  command.name = "summary";
  command.summary = "means, intervals and diagnostics of a chain file";
  command.usage = {"FILE... [PARAMETER...] [options]"};
  command.description =
      "Prints mean, standard deviation, Monte Carlo standard error, interval, R-hat and effective "
      "draws (bulk and tail) of the parameters, with the digits that the Monte Carlo error "
      "supports, and a verdict. PARAMETER is a name (sigma, 'b[floor]'), a variable (b) or a "
      "pattern with * and ? ('r_county[A*'); without it the main parameters are shown. A run that "
      "is still going on may be summarised, too: name its .partial file. Of several files it "
      "prints "
      "one table after another.";
  command.groups = {{"what to show",
                     {{"all", {}, "every parameter, group effects too"},
                      {"ci", "P", "probability of the equal-tailed interval", "0.95"},
                      json_option()}},
                    common_options()};
  command.examples = {{"the main parameters", "tarn summary radon.h5"},
                      {"some group effects, with 90 % intervals",
                       "tarn summary radon.h5 'r_county[HENNEPIN*' --ci 0.9"},
                      {"for scripts", "tarn summary radon.h5 --all --json | jq .verdict"}};
  command.run = summary;
  return command;
}

}  // namespace tarn::launcher
