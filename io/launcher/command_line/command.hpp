// The description of a command, from which help and parser are made.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tarn/error.hpp"

namespace tarn::launcher {

class Arguments;

struct Option {
  std::string name;           // draws: --draws, TARN_DRAWS, draws = ... in a configuration file
  std::string argument = {};  // what its value is called in the help; empty: a switch
  std::string describes;
  std::string standard = {};  // the default, as one would type it
  bool repeatable = false;
  char letter = 0;  // -o
};

struct OptionGroup {
  std::string title;
  std::vector<Option> options;
};

struct Example {
  std::string shows;
  std::string line;
};

struct Command {
  std::string name;
  std::string summary;             // a line
  std::vector<std::string> usage;  // what follows the command's name
  std::string description;
  std::vector<OptionGroup> groups;
  std::vector<Example> examples;
  std::function<ExitCode(const Arguments&)> run;

  const Option* find(const std::string& option) const;
  std::vector<std::string> option_names() const;
};

/// Options that more than one command takes.
OptionGroup data_options();
OptionGroup common_options();
Option json_option();
Option quiet_option();

/// What `tarn COMMAND --help` prints.
std::string help_text(const Command& command);

/// What `tarn help` prints.
std::string overview(const std::vector<Command>& commands);

}  // namespace tarn::launcher
