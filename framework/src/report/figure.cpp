// Fills the words of a figure into its template.
#include "tarn/figure.hpp"

#include <fmt/format.h>

#include "report/shown.hpp"
#include "report/text_table.hpp"
#include "tarn/error.hpp"

namespace tarn {
namespace {

constexpr std::size_t longest_title = 200;  // of a word: the title of an axis

/// As it stands in a JSON string (RFC 8259, section 7).
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string with_words(std::string_view text,
                       const std::vector<std::pair<std::string, std::string>>& words) {
  std::vector<bool> used(words.size(), false);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find('@', at);
    if (open == text.npos) {
      result += text.substr(at);
      break;
    }
    const std::size_t close = text.find('@', open + 1);
    if (close == text.npos) throw PluginError("a figure's template has an '@' without another");
    const std::string_view word = text.substr(open + 1, close - open - 1);
    result += text.substr(at, open - at);
    std::size_t k = 0;
    while (k < words.size() && words[k].first != word) ++k;
    if (k == words.size()) {
      throw PluginError(fmt::format("a figure's template has '@{}@', which nobody fills", word));
    }
    used[k] = true;
    result += escaped(shortened(valid_utf8(words[k].second), longest_title));
    at = close + 1;
  }
  for (std::size_t k = 0; k < words.size(); ++k) {
    if (used[k]) continue;
    throw PluginError(fmt::format("a figure's template has no '@{}@'", words[k].first));
  }
  return result;
}

}  // namespace tarn
