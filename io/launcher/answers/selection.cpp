// Chooses parameters, and reads definitions.
#include "answers/selection.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "expressions/pattern.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

using expressions::Names;
using expressions::Quantity;

bool is_shown_by_default(const Layout& layout, const Quantity& quantity, Default otherwise) {
  const Block& block = layout.block(quantity.sum.front().block);
  if (block.internal) return false;
  return otherwise == Default::everything || !block.name.starts_with("r_");
}

std::vector<Quantity> by_default(const Layout& layout, const Names& names, Default otherwise) {
  std::vector<Quantity> chosen;
  for (const std::string& variable : names.variables()) {
    if (names.is_derived(variable)) continue;
    for (Quantity& one : names.of_variable(variable)) {
      if (is_shown_by_default(layout, one, otherwise)) chosen.push_back(std::move(one));
    }
  }
  return chosen;
}

std::vector<Quantity> by_pattern(const Names& names, const std::vector<std::string>& patterns) {
  std::vector<bool> used(patterns.size(), false);
  std::vector<Quantity> chosen;
  for (const std::string& variable : names.variables(true)) {
    for (Quantity& one : names.of_variable(variable)) {
      bool wanted = false;
      for (std::size_t k = 0; k < patterns.size(); ++k) {
        if (!expressions::matches(one.name, patterns[k]) &&
            !expressions::matches(variable, patterns[k])) {
          continue;
        }
        used[k] = wanted = true;
      }
      if (wanted) chosen.push_back(std::move(one));
    }
  }
  const auto unused = std::ranges::find(used, false);
  if (unused == used.end()) return chosen;
  const std::string& pattern = patterns[as_size(unused - used.begin())];
  throw UsageError(fmt::format("--only {}: no such parameter; {}the variables are {}",
                               shown(pattern), expressions::hint(names, pattern),
                               list_of(names.variables())));
}

/// `icc = sd_g^2 / (sd_g^2 + sigma^2)`
std::pair<std::string, expressions::Expression> definition(const std::string& text,
                                                           const Names& names) {
  const std::size_t sign = text.find('=');
  std::string name = text.substr(0, sign == std::string::npos ? 0 : sign);
  name.erase(name.find_last_not_of(' ') + 1);
  name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
  const bool plain = !name.empty() && (name.front() < '0' || name.front() > '9') &&
                     std::ranges::all_of(name, [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '_' || c == '.' || c >= 0x80;
                     });
  if (!plain) {
    throw UsageError(
        fmt::format("--define '{}': write NAME = EXPRESSION, such as 'icc = sd_g^2 / (sd_g^2 + "
                    "sigma^2)'",
                    shown(text)));
  }
  return {name, expressions::Expression(text.substr(sign + 1), names)};
}

}  // namespace

std::vector<std::string> Quantities::names() const {
  std::vector<std::string> all;
  for (const Quantity& one : parameters) all.push_back(one.name);
  for (const auto& [name, expression] : defined) all.push_back(name);
  return all;
}

Matrix Quantities::defined_draws(const Draws& draws) const {
  Matrix all(as_index(draws.chains() * draws.draws()), std::ssize(defined));
  for (std::size_t k = 0; k < defined.size(); ++k) {
    all.col(as_index(k)) = defined[k].second.values(draws);
  }
  return all;
}

Matrix Quantities::columns(const Draws& draws, std::size_t first, std::size_t count) const {
  Matrix all(as_index(draws.chains() * draws.draws()), as_index(count));
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t at = first + k;
    all.col(as_index(k)) = at < parameters.size()
                               ? expressions::draws_of(parameters[at], draws)
                               : defined[at - parameters.size()].second.values(draws);
  }
  return all;
}

Quantities choose_quantities(const Layout& layout, const std::vector<std::string>& patterns,
                             const std::vector<std::string>& definitions, Default otherwise) {
  const Names names(layout);
  Quantities chosen;
  chosen.parameters =
      patterns.empty() ? by_default(layout, names, otherwise) : by_pattern(names, patterns);
  std::set<std::string> taken;
  for (const Quantity& one : chosen.parameters) taken.insert(one.name);
  for (const std::string& text : definitions) {
    chosen.defined.push_back(definition(text, names));
    if (!taken.insert(chosen.defined.back().first).second) {
      throw UsageError(fmt::format("--define '{}': there is a '{}' already; take another name",
                                   shown(text), shown(chosen.defined.back().first)));
    }
  }
  return chosen;
}

}  // namespace tarn::launcher
