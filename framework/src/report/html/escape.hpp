// Text escaped for HTML.
#pragma once

#include <string>
#include <string_view>

namespace tarn::html {

/// For content and attributes alike, every character visible (shown.hpp).
std::string escaped(std::string_view text);

/// JSON inside a script element: nothing in it can look like a tag, a comment or an end, nor end a
/// line. The same JSON.
std::string embedded(std::string_view json);

/// Letters, digits and hyphens: for an id.
std::string identifier(std::string_view text);

}  // namespace tarn::html
