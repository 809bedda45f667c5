// tarn: finds the command, and turns whatever goes wrong into a sentence and an exit code.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <ios>
#include <new>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

std::vector<Command> all_commands() {
  return {fit_command(),         resume_command(),  extend_command(),  recover_command(),
          info_command(),        summary_command(), check_command(),   hypothesis_command(),
          effects_command(),     means_command(),   slopes_command(),  r2_command(),
          groups_command(),      export_command(),  compare_command(), loglik_command(),
          sensitivity_command(), report_command(),  predict_command(), simulate_command(),
          sbc_command(),         priors_command(),  formula_command(), plugin_command(),
          doctor_command()};
}

const Command& find_command(const std::vector<Command>& commands, const std::string& name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  if (found != commands.end()) return *found;
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  if (name.starts_with("-")) {
    throw UsageError(
        fmt::format("'{}' comes before the command; write tarn COMMAND {} ..., where "
                    "COMMAND is one of {}",
                    name, name, list_of(names)));
  }
  throw UsageError(fmt::format("there is no command '{}'; {}tarn help lists them all", name,
                               did_you_mean(name, names)));
}

bool asks_for_help(std::span<const std::string> line) {
  const auto options_end = std::ranges::find(line, "--");
  return std::any_of(line.begin(), options_end,
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

ExitCode run(std::span<const std::string> line) {
  const std::vector<Command> commands = all_commands();
  if (line.empty()) {
    say(overview(commands));
    return ExitCode::usage;
  }
  const std::string& first = line.front();
  if (first == "--version" || first == "version") {
    print("tarn " TARN_VERSION "\n");
    return ExitCode::done;
  }
  if (first == "--help" || first == "-h" || (first == "help" && line.size() == 1)) {
    print(overview(commands));
    return ExitCode::done;
  }
  const Command& command = find_command(commands, first == "help" ? line[1] : first);
  if (first == "help" || asks_for_help(line)) {
    print(help_text(command));
    return ExitCode::done;
  }
  const Arguments arguments(command, commands, line.subspan(1));
  for (const std::string& variable : arguments.strange_variables()) {
    warn(fmt::format("the environment variable {} is no option of tarn, and is ignored", variable));
  }
  return command.run(arguments);
}

/// Where one of them is closed, the next file that is opened would get its number, and messages
/// would be written into it. What is read only cannot be written, so that the user is told.
void take_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    if (::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) != descriptor) {
      std::_Exit(static_cast<int>(ExitCode::io));
    }
  }
}

ExitCode guarded_run(std::span<const std::string> line) {
  try {
    return run(line);
  } catch (const BrokenPipe&) {
    return ExitCode::done;
  } catch (const Error& error) {
    complain(error.what());
    return error.code();
  } catch (const std::filesystem::filesystem_error& error) {
    complain(fmt::format("the file system refuses '{}': {}", error.path1().string(),
                         error.code().message()));
    return ExitCode::io;
  } catch (const std::ios_base::failure& error) {
    complain(fmt::format("reading or writing failed: {}", error.code().message()));
    return ExitCode::io;
  } catch (const std::system_error& error) {
    complain(fmt::format(
        "the system cannot start a thread, or lacks something else that a run needs: {}; see "
        "the limits of this session (ulimit -a)",
        error.code().message()));
    return ExitCode::io;
  } catch (const std::bad_alloc&) {
    complain(
        "the memory of this machine is not enough for these data or draws; keep fewer draws "
        "(--draws, --thin) or run fewer chains at once (--threads)");
    return ExitCode::io;
  } catch (const std::exception& error) {
    complain(
        fmt::format("this is a bug: {}; please report it with the command line, and the data "
                    "if you may",
                    error.what()));
    return ExitCode::bug;
  }
}

}  // namespace
}  // namespace tarn::launcher

int main(int count, char** words) {
  tarn::launcher::take_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone must not end a run
  std::signal(SIGXFSZ, SIG_IGN);  // writing says that the file is too large
  const std::vector<std::string> line(words + std::min(count, 1), words + count);
  return static_cast<int>(tarn::launcher::guarded_run(line));
}
