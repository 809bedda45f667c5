// Posteriors of expressions, and probabilities with their Monte Carlo errors.
#include "answers/hypotheses.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace tarn::launcher {
namespace {

std::string ratio_text(double ratio) {
  if (std::isinf(ratio)) return "inf";
  return std::isnan(ratio) ? "-" : fmt::format("{:.3g}", ratio);
}

/// JSON knows no infinity: null.
nlohmann::ordered_json finite(double x) {
  return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json(nullptr);
}

}  // namespace

std::vector<Hypothesis> hypotheses(const Registry& registry,
                                   const std::vector<expressions::Expression>& all,
                                   const Draws& draws, const Interval& interval) {
  std::vector<Vector> columns;
  for (const expressions::Expression& one : all) {
    if (one.is_comparison()) columns.push_back(one.difference(draws));
    columns.push_back(one.values(draws));
  }
  Matrix together(as_index(draws.chains() * draws.draws()), std::ssize(columns));
  for (std::size_t k = 0; k < columns.size(); ++k) together.col(as_index(k)) = columns[k];
  const std::vector<Estimate> figures =
      estimates(registry, std::move(together), draws.chains(), interval);

  std::vector<Hypothesis> result;
  std::size_t next = 0;
  for (const expressions::Expression& one : all) {
    Hypothesis hypothesis;
    hypothesis.expression = one.text();
    hypothesis.condition = one.is_condition();
    if (!hypothesis.condition) hypothesis.quantity = one.text();
    if (one.is_comparison()) hypothesis.quantity = one.difference_text();
    if (!hypothesis.quantity.empty()) hypothesis.posterior = figures[next++];
    if (hypothesis.condition) {
      const Estimate& truth = figures[next++];
      const double p = truth.mean;
      hypothesis.probability = p;
      // Where all draws agree nothing tells the error.
      hypothesis.mcse = truth.sd > 0 ? truth.mcse : std::numeric_limits<double>::quiet_NaN();
      hypothesis.evidence_ratio = p / (1 - p);
    }
    result.push_back(std::move(hypothesis));
  }
  return result;
}

std::string as_text(const std::vector<Hypothesis>& all, const Interval& interval) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns = estimate_columns(interval, true);
  columns.insert(columns.begin(), {"expression", Align::left});
  TextTable posteriors(columns);
  TextTable probabilities({{"condition", Align::left},
                           {"P(true)", Align::point},
                           {"mcse", Align::point},
                           {"evidence ratio", Align::right}});
  bool all_agree = false;
  for (const Hypothesis& one : all) {
    if (!one.quantity.empty()) {
      std::vector<std::string> cells = estimate_cells(one.posterior, true);
      cells.insert(cells.begin(), one.quantity);
      posteriors.add(std::move(cells));
    }
    if (one.condition) {
      all_agree = all_agree || std::isnan(one.mcse);
      probabilities.add({one.expression, probability_text(one.probability, one.mcse),
                         std::isnan(one.mcse) ? "-" : fmt::format("{:.1g}", one.mcse),
                         ratio_text(one.evidence_ratio)});
    }
  }
  std::string text;
  if (!posteriors.empty()) text += posteriors.text();
  if (!probabilities.empty()) {
    text += (text.empty() ? "" : "\n") + probabilities.text() +
            "(evidence ratio: P(true) / (1 - P(true)), the posterior odds)\n";
  }
  if (all_agree) {
    text +=
        "(where all draws agree, the probability is 0 or 1 only as far as that many draws tell)\n";
  }
  return text;
}

nlohmann::ordered_json as_json(const std::vector<Hypothesis>& all, const Interval& interval) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Hypothesis& one : all) {
    nlohmann::ordered_json entry{{"expression", one.expression}};
    if (!one.quantity.empty()) {
      entry["quantity"] = one.quantity;
      entry.update(to_json(one.posterior, interval));
    }
    if (one.condition) {
      entry["probability"] = one.probability;
      entry["probability_mcse"] = finite(one.mcse);
      entry["evidence_ratio"] = finite(one.evidence_ratio);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace tarn::launcher
