// A plugin's options: declared as data, checked by the framework before the plugin sees them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tarn {

using SettingValue = std::variant<bool, std::int64_t, double, std::string>;

/// One option that `--set NAME=VALUE` may change. The default's type is the option's type.
struct Setting {
  std::string name;
  std::string describes;
  SettingValue default_value;             // the default
  std::vector<std::string> choices = {};  // for text: what it may be; empty: anything
  double least = -1e300;                  // for numbers: the closed range they must lie in
  double most = 1e300;
};

/// The values of all declared options.
class Settings {
 public:
  Settings() = default;

  /// Defaults, then `NAME=VALUE` texts in order. `whose` names the plugins in messages. Throws
  /// UsageError for an unknown name (with the nearest match) or a value of the wrong kind.
  Settings(std::span<const Setting> declared, std::span<const std::string> given,
           std::string_view whose);

  bool flag(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& text(std::string_view name) const;

  const std::map<std::string, SettingValue, std::less<>>& all() const noexcept { return values_; }

 private:
  std::map<std::string, SettingValue, std::less<>> values_;
};

}  // namespace tarn
