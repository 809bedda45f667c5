// tarn info: what a chain file is.
#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/description.hpp"
#include "fits/stored_configuration.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"

namespace tarn::launcher {
namespace {

ExitCode info(const Arguments& arguments) {
  if (arguments.words().empty()) {
    throw UsageError("tarn info needs a chain file, for example: tarn info radon.h5");
  }
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  std::string text;
  for (const std::string& name : arguments.words()) {
    const io::ChainFile file(name);
    const nlohmann::ordered_json config = stored_configuration(file, name);
    say_if_unfinished(name, file);
    if (!text.empty()) text += '\n';
    text += fmt::format("{}\n\n{}", name, description_text(file, config));
    nlohmann::ordered_json entry{{"file", name}};
    entry.update(description_json(file, config));
    files.push_back(std::move(entry));
  }
  if (!arguments.flag("json")) {
    print(text);
  } else {
    print(dumped({{"schema_version", 1}, {"files", std::move(files)}}));
  }
  return ExitCode::done;
}

}  // namespace

Command info_command() {
  Command command;
  command.name = "info";
  command.summary = "what a chain file is: formula, data, priors, sampler, draws";
  command.usage = {"FILE... [options]"};
  command.description =
      "Tells what a fit was made from and how: formula and family, data and rows, model and "
      "sampler with their versions and settings, draws, seed, and every prior with its source. "
      "Reads the chain file alone; neither the data nor the plugins need be there. 'tarn formula "
      "FILE' and 'tarn priors FILE' tell these parts in full.";
  command.groups = {{"what to show", {json_option()}}, common_options()};
  command.examples = {{"what is this file?", "tarn info radon.h5"},
                      {"the seeds of all fits here",
                       "tarn info *.h5 --json | jq -r '.files[] | [.file, .seed] | @tsv'"}};
  command.run = info;
  return command;
}

}  // namespace tarn::launcher
