// Patterns, and hints from labels first: Days is b[Days].
#include "expressions/pattern.hpp"

#include <fmt/format.h>

#include "tarn/text.hpp"

namespace tarn::launcher::expressions {
namespace {

constexpr std::size_t most_hinted = 4;

/// `b[Days]` has the label Days, `r_g[308,Days]` has 308 and Days.
bool has_label(std::string_view name, std::string_view label) {
  const std::size_t bracket = name.find('[');
  if (bracket == std::string_view::npos) return false;
  const std::string labels =
      "," + std::string(name.substr(bracket + 1, name.size() - bracket - 2)) + ",";
  return labels.find("," + std::string(label) + ",") != std::string::npos;
}

std::string quoted(std::vector<std::string> names) {
  for (std::string& name : names) name = "'" + name + "'";
  return list_of(names, most_hinted);
}

}  // namespace

bool matches(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    return matches(text, pattern.substr(1)) || (!text.empty() && matches(text.substr(1), pattern));
  }
  return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
         matches(text.substr(1), pattern.substr(1));
}

std::string hint(const Names& names, std::string_view text) {
  std::vector<std::string> candidates = names.all();
  std::vector<std::string> labelled, holding;
  for (const std::string& candidate : candidates) {
    if (text.empty()) break;
    if (has_label(candidate, text)) labelled.push_back(candidate);
    if (candidate.find(text) != std::string::npos) holding.push_back(candidate);
  }
  if (!labelled.empty()) return fmt::format("did you mean {}? ", quoted(labelled));
  const std::vector<std::string> variables = names.variables();
  candidates.insert(candidates.end(), variables.begin(), variables.end());
  const std::string near = did_you_mean(text, candidates);
  if (!near.empty() || holding.empty()) return near;
  return fmt::format("it occurs in {}; ", quoted(holding));
}

}  // namespace tarn::launcher::expressions
