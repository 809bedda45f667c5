// tarn recover: an unfinished chain file, cut to what is whole.
#include <filesystem>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/interrupt.hpp"
#include "report/numbers.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

/// Draws are worth keeping where the data beside them are not those that were stored.
void warn_of_damage(const fs::path& path) {
  const io::ChainFile file(path);
  try {
    file.data();
    file.config();
  } catch (const io::DamagedFile& error) {
    warn(fmt::format("{}; the draws are whole, and kept", error.what()));
  }
}

ExitCode recover(const Arguments& arguments) {
  if (arguments.words().size() != 1) {
    throw UsageError(
        "tarn recover needs one chain file, for example: tarn recover radon.h5.partial");
  }
  const fs::path file = arguments.words().front();
  const bool partial = file.extension() == ".partial";
  if (!arguments.given("output") && !partial) {
    throw UsageError(fmt::format(
        "'{}' does not end in .partial; say with -o where the whole draws go", file.string()));
  }
  fs::path out = file;
  if (arguments.given("output")) {
    out = arguments.text("output");
  } else {
    out.replace_extension();
  }
  const Interrupt interrupt(nothing_half_written);
  warn_of_damage(file);
  const std::size_t draws = io::recover(file, out, arguments.flag("force"));
  say(fmt::format("{} holds {} of each chain; to go on: tarn resume {}", out.string(),
                  count_of(draws, "draw"), out.string()));
  return ExitCode::done;
}

}  // namespace

Command recover_command() {
  Command command;
  command.name = "recover";
  command.summary = "cut the file of a killed run to the draws that are whole";
  command.usage = {"FILE [options]"};
  command.description =
      "Writes the draws that every chain of FILE has to OUT.h5, where FILE is OUT.h5.partial as a "
      "killed run left it, and removes FILE. 'tarn resume' goes on with either. With -o the draws "
      "of any chain file are written there, and FILE stays.";
  command.groups = {
      {"what comes out",
       {{"output", "FILE", "chain file; by default FILE's name without .partial", {}, false, 'o'},
        {"force", {}, "replace the chain file if there is one"}}},
      common_options()};
  command.examples = {
      {"after a kill, to work with what is there", "tarn recover radon.h5.partial"}};
  command.run = recover;
  return command;
}

}  // namespace tarn::launcher
