// tarn plugin list | info NAME: what the plugins offer and need.
#include <algorithm>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "prior/density_table.hpp"
#include "report/text_table.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

using Json = nlohmann::ordered_json;

/// A model, a sampler, a diagnostic or a density, as far as they are alike.
struct Part {
  const char* role;
  std::string name;
  std::string summary;
  const char* capability_verb;  // "offers", "needs"
  std::vector<std::string> capabilities;
  std::vector<std::string> goes_with;  // samplers that fit a model
  std::vector<Setting> settings;
  const LoadedPlugin* plugin;
  std::vector<std::string> takes = {};  // parts of a formula, beside terms
};

std::vector<std::string> texts(const std::vector<Takes>& takes) {
  std::vector<std::string> all;
  for (const Takes part : takes) all.emplace_back(to_string(part));
  return all;
}

std::vector<Part> parts_of(const Registry& registry) {
  std::vector<Part> parts;
  for (const auto& plugin : registry.plugins()) {
    for (const FamilyType& family : plugin->types.families) {
      std::vector<std::string> links;
      for (const Link link : family.links) links.emplace_back(to_string(link));
      parts.push_back({"family",
                       family.name,
                       family.summary,
                       "links",
                       links,
                       {},
                       {},
                       plugin.get(),
                       texts(family.takes)});
    }
  }
  for (const auto& plugin : registry.plugins()) {
    for (const ModelType& model : plugin->types.models) {
      parts.push_back({"model", model.name, model.summary, "offers", model.offers,
                       registry.samplers_fitting(model), model.settings, plugin.get(),
                       texts(model.takes)});
    }
  }
  for (const auto& plugin : registry.plugins()) {
    for (const SamplerType& sampler : plugin->types.samplers) {
      parts.push_back({"sampler",
                       sampler.name,
                       sampler.summary,
                       "needs",
                       sampler.needs,
                       {},
                       sampler.settings,
                       plugin.get()});
    }
  }
  for (const auto& plugin : registry.plugins()) {
    for (const DiagnosticType& diagnostic : plugin->types.diagnostics) {
      parts.push_back({"diagnostic",
                       diagnostic.name,
                       diagnostic.summary,
                       "needs",
                       diagnostic.needs,
                       {},
                       diagnostic.settings,
                       plugin.get()});
    }
  }
  for (const auto& plugin : registry.plugins()) {
    for (const DensityType& density : plugin->types.densities) {
      parts.push_back({"density",
                       density.name,
                       fmt::format("{}, {}", usage(density), to_string(density.support)),
                       "",
                       {},
                       {},
                       {},
                       plugin.get()});
    }
  }
  return parts;
}

std::string value_text(const SettingValue& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  return std::visit([](const auto& x) { return fmt::format("{}", x); }, value);
}

Json part_json(const Part& part) {
  Json settings = Json::array();
  for (const Setting& setting : part.settings) {
    Json entry{{"name", setting.name}, {"describes", setting.describes}};
    std::visit([&](const auto& value) { entry["default"] = value; }, setting.default_value);
    if (!setting.choices.empty()) entry["choices"] = setting.choices;
    settings.push_back(std::move(entry));
  }
  Json object{{"role", part.role}, {"name", part.name}, {"summary", part.summary}};
  if (part.role != std::string_view("density")) {
    object[part.capability_verb] = part.capabilities;
    object["settings"] = std::move(settings);
  }
  object["plugin"] = part.plugin->name;
  object["version"] = part.plugin->version;
  object["file"] = part.plugin->file.string();
  if (!part.goes_with.empty()) object["samplers"] = part.goes_with;
  if (!part.takes.empty()) object["takes"] = part.takes;
  return object;
}

ExitCode list(const Registry& registry, bool json) {
  const std::vector<Part> parts = parts_of(registry);
  if (json) {
    Json object{{"schema_version", 1}, {"plugins", Json::array()}, {"refused", Json::array()}};
    for (const Part& part : parts) object["plugins"].push_back(part_json(part));
    for (const RefusedPlugin& refused : registry.refused()) {
      object["refused"].push_back({{"file", refused.file.string()}, {"reason", refused.reason}});
    }
    print(dumped(object));
    return ExitCode::done;
  }
  using Align = TextTable::Align;
  TextTable table({{"role", Align::left},
                   {"name", Align::left},
                   {"version", Align::left},
                   {"what it is", Align::left}});
  for (const Part& part : parts) {
    table.add({part.role, part.name, part.plugin->version, part.summary});
  }
  std::string text =
      parts.empty() ? "no plugins were found; tarn doctor shows where tarn looks\n" : table.text();
  for (const RefusedPlugin& refused : registry.refused()) {
    text += wrapped(fmt::format("refused: {}: {}", refused.file.string(), refused.reason), 100, 2) +
            '\n';
  }
  print(text);
  return ExitCode::done;
}

std::string as_text(const Part& part) {
  std::string text = fmt::format("{} {}: {}\n", part.role, part.name, part.summary);
  text += fmt::format("  plugin    {} {}, {}\n", part.plugin->name, part.plugin->version,
                      part.plugin->file.string());
  if (!part.capabilities.empty()) {
    text += wrapped(fmt::format("  {:<9} {}", part.capability_verb, list_of(part.capabilities, 50)),
                    100, 12) +
            '\n';
  }
  if (!part.takes.empty()) text += fmt::format("  takes     {}\n", list_of(part.takes));
  if (!part.goes_with.empty()) text += fmt::format("  samplers  {}\n", list_of(part.goes_with));
  if (part.role == std::string_view("density")) return text;
  if (part.settings.empty()) text += "  settings  none\n";
  for (std::size_t i = 0; i < part.settings.size(); ++i) {
    const Setting& setting = part.settings[i];
    std::string line = fmt::format("  {:<9} {} = {}: {}", i == 0 ? "settings" : "", setting.name,
                                   value_text(setting.default_value), setting.describes);
    if (!setting.choices.empty()) line += fmt::format(" ({})", list_of(setting.choices));
    text += wrapped(line, 100, 14) + '\n';
  }
  return text;
}

ExitCode info(const Registry& registry, const std::string& name, bool json) {
  const std::vector<Part> parts = parts_of(registry);
  std::vector<std::string> names;
  std::string text;
  Json found = Json::array();
  for (const Part& part : parts) {
    names.push_back(part.name);
    if (part.name != name && part.plugin->name != name) continue;
    found.push_back(part_json(part));
    text += as_text(part);
  }
  for (const RefusedPlugin& refused : registry.refused()) {
    if (text.empty() && refused.file.stem() == name) {
      throw PluginError(
          fmt::format("plugin '{}' is refused: {}", refused.file.string(), refused.reason));
    }
  }
  if (text.empty()) {
    throw UsageError(fmt::format("there is no plugin '{}'; {}known are {}", name,
                                 did_you_mean(name, names), list_of(names)));
  }
  print(json ? dumped({{"schema_version", 1}, {"plugins", std::move(found)}}) : text);
  return ExitCode::done;
}

ExitCode plugin(const Arguments& arguments) {
  const auto& words = arguments.words();
  const std::string verb = words.empty() ? "list" : words[0];
  const bool json = arguments.flag("json");
  if (verb == "list" && words.size() <= 1) return list(load_plugins(arguments, true), json);
  if (verb == "info" && words.size() == 2)
    return info(load_plugins(arguments, true), words[1], json);
  if (verb == "info")
    throw UsageError("tarn plugin info takes one name; tarn plugin list shows them");
  throw UsageError(fmt::format("tarn plugin takes 'list' or 'info NAME', not '{}'", verb));
}

}  // namespace

Command plugin_command() {
  Command command;
  command.name = "plugin";
  command.summary = "the models, samplers, diagnostics and densities there are";
  command.usage = {"list [options]", "info NAME [options]"};
  command.description =
      "'list' shows every model, sampler and diagnostic that was found, the densities that plugins "
      "add to tarn's own, and the libraries that were refused with the reason. 'info' shows what "
      "one of them offers or needs, its settings "
      "(for --set of tarn fit, or of tarn check) and the library it comes from.";
  command.groups = {{"what comes out", {json_option()}}, common_options()};
  command.examples = {{"all that is there", "tarn plugin list"},
                      {"what can be set", "tarn plugin info gibbs"},
                      {"a plugin of one's own", "tarn plugin list --plugin-path ~/my-model/build"}};
  command.run = plugin;
  return command;
}

}  // namespace tarn::launcher
