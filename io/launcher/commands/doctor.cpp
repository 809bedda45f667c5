// tarn doctor: versions, plugins found and refused, threads, memory.
#include <thread>

#include <fmt/format.h>
#include <unistd.h>
#include <boost/version.hpp>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/text_table.hpp"
#include "tarn/io/libraries.hpp"
#include "tarn/plugin.hpp"

namespace tarn::launcher {
namespace {

using Json = nlohmann::ordered_json;

std::vector<io::Library> libraries() {
  std::vector<io::Library> all = io::libraries();
  all.push_back({"Boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000,
                                      BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)});
  return all;
}

double gigabytes() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<double>(sysconf(_SC_PAGE_SIZE)) / 1e9;
}

std::string fingerprint() {
  return fmt::format(TARN_ABI_FINGERPRINT " layout={:016x}", abi::layout());
}

Json as_json(const Registry& registry, const std::vector<std::filesystem::path>& folders) {
  Json object{{"schema_version", 1},
              {"tarn", TARN_VERSION},
              {"plugin_interface", fmt::format("{}.{}", TARN_ABI_MAJOR, TARN_ABI_MINOR)},
              {"fingerprint", fingerprint()},
              {"compiler", io::compiler()},
              {"processors", std::thread::hardware_concurrency()},
              {"memory_gb", gigabytes()}};
  for (const auto& library : libraries()) object["libraries"][library.name] = library.version;
  object["plugin_folders"] = Json::array();
  for (const auto& folder : folders) object["plugin_folders"].push_back(folder.string());
  object["plugins"] = object["refused"] = Json::array();
  for (const auto& found : registry.plugins()) {
    object["plugins"].push_back(
        {{"name", found->name}, {"version", found->version}, {"file", found->file.string()}});
  }
  for (const auto& refused : registry.refused()) {
    object["refused"].push_back({{"file", refused.file.string()}, {"reason", refused.reason}});
  }
  return object;
}

std::string as_text(const Registry& registry, const std::vector<std::filesystem::path>& folders) {
  std::string versions;
  for (const auto& library : libraries()) {
    versions += fmt::format("{}{} {}", versions.empty() ? "" : ", ", library.name, library.version);
  }
  std::string text = fmt::format("tarn        {}, plugin interface {}.{} ({})\n", TARN_VERSION,
                                 TARN_ABI_MAJOR, TARN_ABI_MINOR, fingerprint());
  text += fmt::format("compiler    {}\n", io::compiler());
  text += wrapped("libraries   " + versions, 100, 12) + '\n';
  text += fmt::format("processors  {}\nmemory      {:.1f} GB\n",
                      std::thread::hardware_concurrency(), gigabytes());
  for (const auto& folder : folders) text += fmt::format("looks in    {}\n", folder.string());
  for (const auto& found : registry.plugins()) {
    text += fmt::format("found       {} {}\n", found->name, found->version);
  }
  for (const auto& refused : registry.refused()) {
    text +=
        wrapped(fmt::format("refused     {}: {}", refused.file.string(), refused.reason), 100, 12) +
        '\n';
  }
  if (registry.plugins().empty()) text += "no plugins were found: is tarn installed as a whole?\n";
  return text;
}

ExitCode doctor(const Arguments& arguments) {
  std::vector<std::filesystem::path> given;
  for (const std::string& folder : arguments.texts("plugin-path")) given.emplace_back(folder);
  const auto folders = plugin_folders(given);
  const Registry registry(folders);
  print(arguments.flag("json") ? dumped(as_json(registry, folders)) : as_text(registry, folders));
  return ExitCode::done;
}

}  // namespace

Command doctor_command() {
  Command command;
  command.name = "doctor";
  command.summary = "versions, plugins found and refused, threads, memory";
  command.usage = {"[options]"};
  command.description =
      "Shows what this tarn is made of and what it finds on this machine: the first thing to look "
      "at, and to send along, when something does not work.";
  command.groups = {{"what comes out", {json_option()}}, common_options()};
  command.run = doctor;
  return command;
}

}  // namespace tarn::launcher
