// Names of the data, made safe to print.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn {

/// Bytes that are no UTF-8 become U+FFFD.
std::string valid_utf8(std::string_view text);

/// UTF-8 in which every character can be seen: as above, and control characters but
/// for line ends and tabs, ends of lines and
/// paragraphs, and marks that turn the direction of the text around become what C++ would write,
/// \u202e.
std::string visible(std::string_view text);

/// The same of names that must be told from each other, cut in the middle to at most `width`
/// characters, in quotes where Vega would take them for something else (toString). Different names
/// stay different: where they would not, they are numbered.
std::vector<std::string> shown_names(const std::vector<std::string>& names, std::size_t width);

}  // namespace tarn
