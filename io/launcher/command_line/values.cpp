// The text of an option as a value, or a sentence that says what it may be.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

/// "1h30m", "90s", "90": seconds, minutes, hours, days.
std::optional<double> read_seconds(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(as_size(end - text.data()));
    const char unit = text.empty() ? 's' : text.front();
    if (!text.empty()) text.remove_prefix(1);
    switch (unit) {
      case 's':
        seconds += number;
        break;
      case 'm':
        seconds += number * 60;
        break;
      case 'h':
        seconds += number * 3600;
        break;
      case 'd':
        seconds += number * 86400;
        break;
      default:
        return std::nullopt;
    }
  }
  return seconds;
}

}  // namespace

void Arguments::refuse(const std::string& option, const std::string& why) const {
  const auto value = values_.find(option);
  if (value == values_.end()) throw UsageError(fmt::format("--{}: {}", option, why));
  const std::string& origin = value->second.origin;
  throw UsageError(
      fmt::format("{}{}{}: {}", origin,
                  origin.ends_with('=') && origin.find(' ') == std::string::npos ? "" : " ",
                  value->second.texts.front(), why));
}

std::string Arguments::text(const std::string& option) const {
  const auto value = values_.find(option);
  return value != values_.end() ? value->second.texts.front() : command_.find(option)->standard;
}

std::vector<std::string> Arguments::texts(const std::string& option) const {
  const auto value = values_.find(option);
  return value != values_.end() ? value->second.texts : std::vector<std::string>{};
}

bool Arguments::flag(const std::string& option) const {
  if (!given(option)) return false;
  const std::string value = text(option);
  if (value == "yes" || value == "true" || value == "1") return true;
  if (value == "no" || value == "false" || value == "0") return false;
  refuse(option, "takes yes or no, or nothing");
}

std::uint64_t Arguments::count(const std::string& option, std::uint64_t least,
                               std::uint64_t most) const {
  const auto value = read_number<std::uint64_t>(text(option));
  if (!value || *value < least || *value > most) {
    refuse(option, fmt::format("takes a whole number from {} to {}", least, most));
  }
  return *value;
}

double Arguments::number(const std::string& option, double above, double below) const {
  const auto value = read_number<double>(text(option));
  if (!value || !(*value > above && *value < below)) {
    refuse(option, fmt::format("takes a number between {} and {}", above, below));
  }
  return *value;
}

std::string Arguments::choice(const std::string& option,
                              const std::vector<std::string>& choices) const {
  const std::string value = text(option);
  if (std::ranges::find(choices, value) == choices.end()) {
    refuse(option, fmt::format("{}takes {}", did_you_mean(value, choices),
                               choices.size() == 1 ? choices.front() + " only"
                                                   : "one of " + list_of(choices)));
  }
  return value;
}

std::optional<std::chrono::duration<double>> Arguments::time(const std::string& option) const {
  if (!given(option)) return std::nullopt;
  const auto seconds = read_seconds(text(option));
  if (!seconds || !(*seconds > 0) || !std::isfinite(*seconds)) {
    refuse(option, "takes a time, for example 30s, 10m or 1h30m");
  }
  return std::chrono::duration<double>(*seconds);
}

}  // namespace tarn::launcher
