// Text to syntax tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/formula/language/node.hpp"

namespace tarn::formula {

/// A formula in its parts, before its terms are expanded.
struct Parsed {
  std::string text;  // as typed
  Node response;
  std::optional<Node> weights;
  std::optional<Node> errors;  // se(s)
  std::optional<Node> trials;
  Node terms;  // the right side
};

/// Throws InputError with a caret under the place and what was expected.
Parsed parse(std::string_view formula);

/// The whole formula in R's spacing.
std::string normalised(const Parsed& formula);

}  // namespace tarn::formula
