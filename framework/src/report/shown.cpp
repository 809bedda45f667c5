// Makes names of the data safe to print, code point by code point.
#include "report/shown.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/text_table.hpp"

namespace tarn {
namespace {

/// C0 (but for what is a blank in every output) and C1, line and paragraph separator, embeddings,
/// overrides and isolates, the byte order mark.
bool is_hidden(std::uint32_t c) {
  if (c == '\n' || c == '\t') return false;
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c || c == 0xfeff;
}

/// Names that every object of JavaScript has: Vega looks panels up by theirs, and would find these.
constexpr std::array<std::string_view, 12> inherited{
    "__defineGetter__", "__defineSetter__", "__lookupGetter__",     "__lookupSetter__",
    "__proto__",        "constructor",      "hasOwnProperty",       "isPrototypeOf",
    "toString",         "toLocaleString",   "propertyIsEnumerable", "valueOf"};

/// The code point that begins at `at` of valid UTF-8, and its length.
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + k]));
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  std::uint32_t c = first & (0xffu >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) c = (c << 6) | (byte(k) & 0x3f);
  return {c, length};
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  using Json = nlohmann::json;
  const Json json = std::string(text);
  return Json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

std::string visible(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::string result;
  for (std::size_t at = 0; at < valid.size();) {
    const auto [c, length] = code_point(valid, at);
    if (is_hidden(c)) {
      result += fmt::format("\\u{:04x}", c);
    } else {
      result.append(valid, at, length);
    }
    at += length;
  }
  return result;
}

std::vector<std::string> shown_names(const std::vector<std::string>& names, std::size_t width) {
  std::map<std::string, std::string> shown;  // by name
  std::set<std::string> taken;
  for (const std::string& name : names) {
    if (shown.contains(name)) continue;
    std::string text = shortened(visible(name), width);
    if (std::ranges::find(inherited, text) != inherited.end()) text = "'" + text + "'";
    std::string candidate = text;
    for (int k = 2; !taken.insert(candidate).second; ++k) {
      candidate = fmt::format("{} ({})", text, k);
    }
    shown[name] = candidate;
  }
  std::vector<std::string> result;
  for (const std::string& name : names) result.push_back(shown[name]);
  return result;
}

}  // namespace tarn
