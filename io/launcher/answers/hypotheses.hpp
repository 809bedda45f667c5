// Expressions of parameters as posteriors, and comparisons as probabilities.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "answers/estimates.hpp"
#include "expressions/evaluate.hpp"
#include "tarn/registry.hpp"

namespace tarn::launcher {

struct Hypothesis {
  std::string expression;
  std::string quantity;  // what `posterior` is of: of a comparison left less right; empty: nothing
  Estimate posterior{};
  bool condition = false;
  double probability = 0;  // of a condition: of all draws, how many agree
  double mcse = 0;
  double evidence_ratio = 0;  // probability / (1 - probability)
};

/// Evaluated draw by draw. Throws what expressions throw.
std::vector<Hypothesis> hypotheses(const Registry& registry,
                                   const std::vector<expressions::Expression>& all,
                                   const Draws& draws, const Interval& interval);

std::string as_text(const std::vector<Hypothesis>& all, const Interval& interval);
nlohmann::ordered_json as_json(const std::vector<Hypothesis>& all, const Interval& interval);

}  // namespace tarn::launcher
