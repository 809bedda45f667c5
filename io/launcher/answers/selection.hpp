// Which quantities of a fit are wanted: parameters by patterns, and those that expressions define.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "expressions/evaluate.hpp"
#include "expressions/names.hpp"
#include "tarn/draws.hpp"

namespace tarn::launcher {

struct Quantities {
  std::vector<expressions::Quantity> parameters;
  std::vector<std::pair<std::string, expressions::Expression>> defined;  // by name

  std::size_t size() const { return parameters.size() + defined.size(); }
  std::vector<std::string> names() const;

  /// All draws of the defined ones, a column each.
  Matrix defined_draws(const Draws& draws) const;

  /// And of quantities first, first + 1, ...
  Matrix columns(const Draws& draws, std::size_t first, std::size_t count) const;
};

enum class Default { everything, main };  // main: no group effects

/// `patterns`: as `summary` takes them, coef_<g> too; none: the default. `definitions`: `NAME =
/// EXPRESSION`. Throws UsageError for a pattern that matches nothing and a name that is taken.
Quantities choose_quantities(const Layout& layout, const std::vector<std::string>& patterns,
                             const std::vector<std::string>& definitions, Default otherwise);

}  // namespace tarn::launcher
