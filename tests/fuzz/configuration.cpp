// Any text as a configuration: what begins with a brace as that of a chain file, the rest as the
// file of --config.
#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "command_line/reading.hpp"
#include "fits/stored_configuration.hpp"
#include "fitting/configuration.hpp"
#include "fuzzing.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"

namespace {

using tarn::fuzz::require;
using tarn::fuzz::require_equal;
using tarn::launcher::Arguments;
using tarn::launcher::Command;
using Json = nlohmann::ordered_json;

void read_stored(const std::string& text) {
  try {
    const Json config = tarn::launcher::configuration_in(text, "fit.h5");
    const std::string printed = tarn::launcher::dumped(config);
    require_equal(printed,
                  tarn::launcher::dumped(tarn::launcher::configuration_in(printed, "fit.h5")),
                  "a configuration that is stored again is the same");
    try {
      const tarn::FormulaState state = tarn::launcher::formula_state(config.at("formula_state"));
      const Json again = tarn::launcher::to_json(state);
      require_equal(again.dump(),
                    tarn::launcher::to_json(tarn::launcher::formula_state(again)).dump(),
                    "what a formula learnt is the same when it is stored again");
    } catch (const Json::exception&) {  // the caller's to tell
    }
    if (config.at("model").contains("settings")) {
      tarn::launcher::settings_of(config.at("model").at("settings"));
    }
    tarn::launcher::missing_codes(config);
  } catch (const tarn::InputError&) {
  }
}

Command some_command() {
  Command command;
  command.name = "fit";
  command.groups = {tarn::launcher::data_options(), tarn::launcher::common_options()};
  command.groups.push_back({"how to run",
                            {{"draws", "N", "", "1000"},
                             {"scale", "X", "", "1"},
                             {"max-time", "TIME", ""},
                             {"prior", "TEXT", "", {}, true},
                             {"force", {}, ""}}});
  return command;
}

template <class Ask>
void ask(Ask question) {
  try {
    question();
  } catch (const tarn::UsageError&) {
  }
}

void read_options(const std::string& text) {
  static const Command command = some_command();
  static const std::vector<Command> all{command};
  const tarn::fuzz::File file(text);
  const std::string line[] = {"--config", file.path()};
  ask([&] {
    const Arguments arguments(command, all, line);
    ask([&] { require(arguments.count("draws", 1, 100) <= 100, "a count is in its range"); });
    ask([&] { require(arguments.number("scale", 0, 2) > 0, "a number is in its range"); });
    ask([&] {
      const auto time = arguments.time("max-time");
      require(!time || time->count() > 0, "a time is positive");
    });
    ask([&] { arguments.flag("force"); });
    ask([&] { arguments.choice("na", {"drop", "error"}); });
    ask([&] {
      const tarn::io::TableOptions reading = tarn::launcher::read_reading(arguments);
      const Json stored{{"data", {{"reading", tarn::launcher::to_json(reading)}}}};
      const tarn::io::MissingCodes again = tarn::launcher::missing_codes(stored);
      require(again.stated == reading.missing.stated &&
                  again.keep_standard == reading.missing.keep_standard,
              "codes of missing values are stored as they are");
    });
    require(!arguments.given("plugin-path"), "a configuration file chooses no plugins");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(tarn::fuzz::text_of(data, size));
  text.starts_with('{') ? read_stored(text) : read_options(text);
  return 0;
}
