// The options of a command: from the command line, the environment or a configuration file.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "command_line/command.hpp"

namespace tarn::launcher {

/// The values of a command's options. The command line wins over `TARN_*` variables, and these over
/// the file of `--config`; a repeatable option is taken from one place, whole.
class Arguments {
 public:
  /// Throws UsageError: an unknown option (with the nearest match), a value that is missing, an
  /// option given twice, a configuration file that cannot be read. `all` are the commands whose
  /// options a shared configuration file may hold.
  Arguments(const Command& command, const std::vector<Command>& all,
            std::span<const std::string> line);

  /// Arguments that are no options, in order.
  const std::vector<std::string>& words() const noexcept { return words_; }

  bool given(const std::string& option) const { return values_.contains(option); }
  bool flag(const std::string& option) const;
  std::string text(const std::string& option) const;  // the default where it is not given
  std::vector<std::string> texts(const std::string& option) const;

  /// Each throws UsageError, with the place of the value, where it is not one of those it may be.
  std::uint64_t count(const std::string& option, std::uint64_t least, std::uint64_t most) const;
  double number(const std::string& option, double above, double below) const;
  std::string choice(const std::string& option, const std::vector<std::string>& choices) const;
  std::optional<std::chrono::duration<double>> time(const std::string& option) const;

  [[noreturn]] void refuse(const std::string& option, const std::string& why) const;

  /// Environment variables that look like options of tarn and are none.
  const std::vector<std::string>& strange_variables() const noexcept { return strange_; }

 private:
  struct Value {
    std::vector<std::string> texts;
    std::string origin;  // how it was spelled: "--draws", "TARN_DRAWS=", "tarn.ini: draws ="
  };
  void take_line(std::span<const std::string> line);
  void take_environment(const std::vector<Command>& all);
  void take_file(const std::vector<Command>& all);
  void take(const std::string& option, Value value);

  const Command& command_;
  std::map<std::string, Value> values_;
  std::vector<std::string> words_;
  std::vector<std::string> strange_;
};

}  // namespace tarn::launcher
