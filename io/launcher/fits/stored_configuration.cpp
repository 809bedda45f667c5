// What a chain file says of its run, which may have been written by anybody.
#include "fits/stored_configuration.hpp"

#include <string>

#include <fmt/format.h>

#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Nothing that tarn writes is deeper than seven.
constexpr int deepest = 32;

/// What is read of a configuration: examples of each type. An array stands for any number of its
/// one element.
const Json& shape() {
  static const Json example = Json::parse(R"({
    "tarn": "", "formula": "", "further_formulas": [""], "family": "", "center": "",
    "data": {"files": [""], "source": "", "sha256": "", "na": ""},
    "design": {"formula": "", "terms": [""], "response": [""], "columns": [""],
               "group_terms": [""], "rows_read": 0, "rows_used": 0, "dropped": [""], "learnt": [""],
               "factors": [{"name": "", "levels": [""], "coding": "", "reference": ""}]},
    "coefficients": [""], "formula_state": {},
    "model": {"name": "", "plugin": "", "version": "", "sha256": "", "settings": {}},
    "sampler": {"name": "", "plugin": "", "version": "", "sha256": "", "settings": {}},
    "priors": [{"key": "", "square": false, "density": "", "text": "", "source": ""}],
    "run": {"chains": 0, "warmup": 0, "draws": 0, "thin": 0, "seed": ""}})");
  return example;
}

const char* kind_of(const Json& value) { return value.is_number() ? "number" : value.type_name(); }

/// The first place where a value is of another type than its example, and what it is; or nothing.
std::string type_error_in(const Json& value, const Json& example, const std::string& place) {
  if (std::string_view(kind_of(value)) != kind_of(example)) {
    return fmt::format("{} is of type {}, not {}", place.empty() ? "it" : place, kind_of(value),
                       kind_of(example));
  }
  if (value.is_array()) {
    for (const Json& element : value) {
      if (auto found = type_error_in(element, example.front(), place + "[]"); !found.empty()) {
        return found;
      }
    }
  }
  if (value.is_object()) {
    for (const auto& [key, part] : example.items()) {
      const auto given = value.find(key);
      if (given == value.end()) continue;
      auto found = type_error_in(*given, part, place.empty() ? key : place + "." + key);
      if (!found.empty()) return found;
    }
  }
  return "";
}

}  // namespace

Json configuration_in(const std::string& text, const fs::path& path) {
  const auto refuse = [&path](const std::string& why) {
    throw io::DamagedFile(
        fmt::format("'{}' is damaged: its configuration cannot be read, {}", path.string(), why));
  };
  Json config;
  try {
    config = Json::parse(text, [&](int depth, Json::parse_event_t, Json&) {
      if (depth > deepest) refuse(fmt::format("it is nested more than {} deep", deepest));
      return true;
    });
  } catch (const Json::exception&) {
    refuse("it is not JSON");
  }
  if (const std::string found = type_error_in(config, shape(), ""); !found.empty()) refuse(found);
  for (const char* needed : {"formula", "center", "formula_state", "model", "priors"}) {
    if (!config.contains(needed)) refuse(fmt::format("it lacks '{}'", needed));
  }
  return config;
}

Json stored_configuration(const io::ChainFile& file, const fs::path& path) {
  return configuration_in(file.config(), path);
}

std::vector<std::string> stored_formulas(const Json& config) {
  std::vector<std::string> formulas{config.value("formula", "")};
  for (const Json& formula : config.value("further_formulas", Json::array())) {
    formulas.push_back(formula.get<std::string>());
  }
  return formulas;
}

std::uint64_t stored_seed(const io::ChainFile& file, const fs::path& path) {
  const std::string text = file.attribute("tarn_seed");
  if (text.empty()) return 1;
  const auto seed = read_number<std::uint64_t>(text);
  if (!seed) {
    throw io::DamagedFile(
        fmt::format("'{}' is damaged: its attribute tarn_seed is no number", path.string()));
  }
  return *seed;
}

}  // namespace tarn::launcher
