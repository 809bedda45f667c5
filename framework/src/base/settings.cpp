// Declared options, met with what the user set.
#include "tarn/settings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

/// Values of options under the names that they had before. Taken for one release, by options that
/// list the new name and not the old one.
struct RenamedValue {
  std::string_view option, before, now;
};
constexpr RenamedValue renamed_values[] = {{"effects", "scaled", "non-centered"},
                                           {"effects", "centred", "centered"}};

std::string_view present_name(const Setting& setting, std::string_view value) {
  const auto lists = [&](std::string_view name) {
    return std::ranges::find(setting.choices, name) != setting.choices.end();
  };
  for (const RenamedValue& renamed : renamed_values) {
    if (setting.name == renamed.option && value == renamed.before && lists(renamed.now) &&
        !lists(renamed.before)) {
      return renamed.now;
    }
  }
  return value;
}

/// The text as a value of the same kind as the default, or a UsageError that says what it takes.
struct ReadAs {
  const Setting& setting;
  std::string_view text;

  [[noreturn]] void refuse(const std::string& takes) const {
    throw UsageError(
        fmt::format("--set {}={}: '{}' takes {}", setting.name, text, setting.name, takes));
  }
  SettingValue operator()(bool) const {
    if (text == "yes" || text == "true" || text == "1") return true;
    if (text == "no" || text == "false" || text == "0") return false;
    refuse("yes or no");
  }
  SettingValue operator()(std::int64_t) const { return in_range<std::int64_t>("a whole number"); }
  SettingValue operator()(double) const { return in_range<double>("a number"); }
  SettingValue operator()(const std::string&) const {
    if (!setting.choices.empty() &&
        std::ranges::find(setting.choices, text) == setting.choices.end()) {
      refuse("one of " + list_of(setting.choices));
    }
    return std::string(text);
  }

  template <class Number>
  SettingValue in_range(std::string_view kind) const {
    const auto value = read_number<Number>(text);
    if (!value) refuse(std::string(kind));
    const auto number = static_cast<double>(*value);
    if (!(number >= setting.least && number <= setting.most)) {
      refuse(fmt::format("{} from {} to {}", kind, setting.least, setting.most));
    }
    return *value;
  }
};

}  // namespace

Settings::Settings(std::span<const Setting> declared, std::span<const std::string> given,
                   std::string_view whose) {
  std::vector<std::string> names;
  for (const Setting& setting : declared) {
    values_[setting.name] = setting.default_value;
    names.push_back(setting.name);
  }
  for (const std::string& statement : given) {
    const std::size_t equals = statement.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError(fmt::format("--set {}: write NAME=VALUE", statement));
    }
    const std::string name = statement.substr(0, equals);
    const auto setting = std::ranges::find(declared, name, &Setting::name);
    if (setting == declared.end()) {
      throw UsageError(fmt::format("--set {}: {} has no option '{}'; {}it takes {}", statement,
                                   whose, name, did_you_mean(name, names), list_of(names)));
    }
    const std::string_view value =
        present_name(*setting, std::string_view(statement).substr(equals + 1));
    values_[name] = std::visit(ReadAs{*setting, value}, setting->default_value);
  }
}

namespace {

template <class Value>
const Value& value_of(const std::map<std::string, SettingValue, std::less<>>& values,
                      std::string_view name) {
  const auto found = values.find(name);
  const Value* value = found == values.end() ? nullptr : std::get_if<Value>(&found->second);
  if (value == nullptr) {
    throw PluginError(
        fmt::format("a plugin asked for the option '{}', which it does not declare "
                    "with this type",
                    name));
  }
  return *value;
}

}  // namespace

bool Settings::flag(std::string_view name) const { return value_of<bool>(values_, name); }
std::int64_t Settings::integer(std::string_view name) const {
  return value_of<std::int64_t>(values_, name);
}
double Settings::number(std::string_view name) const { return value_of<double>(values_, name); }
const std::string& Settings::text(std::string_view name) const {
  return value_of<std::string>(values_, name);
}

}  // namespace tarn
