// Names of levels that people should look at.
#include "data/formula/notes/levels.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Single blanks between words, none around them.
std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!is_blank(c)) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

/// What is left of a text without case, kinds of blanks, what has no width, and the ways in which
/// Unicode writes one character (NFKC_Casefold of Unicode Standard Annex 31).
std::string folded(const std::string& text) {
  if (std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; })) {
    std::string small = squeezed(text);
    std::ranges::transform(small, small.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return small;
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const form = icu::Normalizer2::getNFKCCasefoldInstance(status);
  if (U_FAILURE(status)) return squeezed(text);
  std::string result;
  form->normalize(icu::UnicodeString::fromUTF8(text), status).toUTF8String(result);
  return U_FAILURE(status) ? squeezed(text) : squeezed(result);
}

/// In English, German, French, Spanish, Italian, Portuguese and Dutch.
constexpr auto totals = std::to_array<std::string_view>(
    {"total", "totals", "grand total", "all", "sum", "overall", "gesamt", "insgesamt", "summe",
     "alle", "ensemble", "tous", "todos", "totale", "tutti", "geral", "totaal"});

}  // namespace

std::optional<std::string> look_alikes(const std::string& factor,
                                       std::span<const std::string> levels) {
  std::unordered_map<std::string, std::size_t> first;
  std::size_t pairs = 0;
  std::string pair;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto [known, is_new] = first.emplace(folded(levels[i]), i);
    if (is_new) continue;
    if (pairs++ == 0) {
      pair = fmt::format("'{}' and '{}'", shown(levels[known->second]), shown(levels[i]));
    }
  }
  if (pairs == 0) return std::nullopt;
  return fmt::format(
      "levels of {} differ only in case, blanks or Unicode form: {}{}; write them alike in the "
      "data if they are the same",
      shown(factor), pair, pairs == 1 ? "" : fmt::format(" (and {} more)", pairs - 1));
}

std::optional<std::string> total_level(const std::string& factor,
                                       std::span<const std::string> levels) {
  if (levels.size() < 3) return std::nullopt;
  for (const std::string& level : levels) {
    if (level.size() > 16 || std::ranges::find(totals, folded(level)) == totals.end()) continue;
    return fmt::format(
        "{} has a level '{}'; if its rows sum up those of the other levels, take them out of the "
        "data",
        shown(factor), shown(level));
  }
  return std::nullopt;
}

}  // namespace tarn::formula
