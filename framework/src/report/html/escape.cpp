// Escapes the five characters that have a meaning in HTML.
#include "report/html/escape.hpp"

#include <cctype>

#include "report/shown.hpp"

namespace tarn::html {
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : visible(text)) {
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

std::string embedded(std::string_view json) {
  std::string result;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const std::string_view rest = json.substr(at, 3);
    if (rest[0] == '<') {
      result += "\\u003c";
    } else if (rest == "\u2028" || rest == "\u2029") {
      result += rest == "\u2028" ? "\\u2028" : "\\u2029";
      at += 2;
    } else {
      result += rest[0];
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
