// Small text services shared by the messages of the host.
#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

/// The candidate nearest to `word` (edit distance), if near enough to be meant; else empty.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// `did you mean 'x'? ` or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// A cell, level or name as it may be printed in a line: control characters, line ends, blanks
/// other than the common one, and what has no width or turns the writing, as \u001b.
std::string shown(std::string_view text);

/// The same for text of several lines, whose line ends and tabs stay; bytes that are no UTF-8 are
/// escaped, too. What needs no escape is returned as it is.
std::string printable(std::string_view text);

/// `a, b and c`, each as shown() does; with more than `most`, `a, b, ... (12 in all)`.
std::string list_of(std::span<const std::string> items, std::size_t most = 12);

/// The whole text as a number, or nothing.
template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace tarn
