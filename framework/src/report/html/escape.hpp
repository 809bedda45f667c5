// Texts as they stand in HTML.
#pragma once

#include <string>
#include <string_view>

namespace tarn::html {

/// For content and attributes alike; bytes that are no UTF-8 become U+FFFD.
std::string escaped(std::string_view text);

/// Letters, digits and hyphens: for an id.
std::string identifier(std::string_view text);

}  // namespace tarn::html
