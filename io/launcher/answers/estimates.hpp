// Means, intervals and Monte Carlo errors of derived quantities, as `summary` has them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "report/text_table.hpp"
#include "tarn/registry.hpp"
#include "tarn/vector.hpp"

namespace tarn::launcher {

/// The equal-tailed interval, and what its ends are called, as in `summary`: q2.5.
struct Interval {
  double probability = 0.95;

  double lower() const;  // probabilities, rounded: 0.025 and not 0.025000000000000022
  double upper() const;
  std::string lower_name() const;
  std::string upper_name() const;
  nlohmann::ordered_json as_json() const;
};

/// NaN: cannot say.
struct Estimate {
  double mean, sd, mcse, lower, upper, rhat, ess_bulk, ess_tail;
};

/// Of each column: all draws of chain 0, then of chain 1, ... By the diagnostic `convergence`.
std::vector<Estimate> estimates(const Registry& registry, Matrix columns, std::size_t chains,
                                const Interval& interval);

/// `mean`, `sd`, `mcse`, the ends, `ess_bulk`, `ess_tail`.
nlohmann::ordered_json to_json(const Estimate& estimate, const Interval& interval);

/// Columns of a table for people, and their cells: mean, sd, mcse and interval with the digits that
/// the Monte Carlo error supports; `with_ess`: effective draws too.
std::vector<TextTable::Column> estimate_columns(const Interval& interval, bool with_ess);
std::vector<std::string> estimate_cells(const Estimate& estimate, bool with_ess);

/// A probability with the digits that its error supports, at least two.
std::string probability_text(double probability, double mcse);

}  // namespace tarn::launcher
