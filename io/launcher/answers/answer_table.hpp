// Estimates by values of predictors: what effects, means, slopes and predictions print.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "answers/estimates.hpp"
#include "tarn/registry.hpp"

namespace tarn::launcher {

struct AnswerRow {
  std::vector<std::string> cells = {};  // of the table's columns
  Estimate value{};
  double above_zero = 0;     // the share of draws, where the table tells it
  std::string missing = {};  // why there is no value; empty: there is
};

struct AnswerTable {
  std::string title;                 // "expected y by x and g"
  std::vector<std::string> columns;  // predictors, or "pair"
  std::vector<AnswerRow> rows;
  bool probabilities = false;      // P(> 0)
  std::vector<std::string> notes;  // what is held, what groups get, which scale: sentences
  std::size_t draws = 0;
};

/// Values for the rows of a table that are not missing: a column of draws each, in their order.
void estimate_rows(AnswerTable& table, const Registry& registry, const Matrix& draws,
                   std::size_t chains, const Interval& interval);

/// The rows with these numbers.
std::string as_text(const AnswerTable& table, const Interval& interval,
                    const std::vector<std::size_t>& rows);

/// The first ones.
std::vector<std::size_t> first_rows(const AnswerTable& table, std::size_t most);

std::string as_csv(const AnswerTable& table, const Interval& interval);
nlohmann::ordered_json as_json(const AnswerTable& table, const Interval& interval);

}  // namespace tarn::launcher
