// The five characters that mean something.
#include "report/html/escape.hpp"

#include <cctype>

#include <nlohmann/json.hpp>

namespace tarn::html {
namespace {

/// Names of groups are whatever the data said.
std::string valid_utf8(std::string_view text) {
  using Json = nlohmann::json;
  const Json json = std::string(text);
  return Json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string identifier(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += std::isalnum(static_cast<unsigned char>(c)) ? c : '-';
  }
  return result;
}

}  // namespace tarn::html
