// Predictions of rows as a table, for people, scripts and files.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tarn/formula.hpp"
#include "tarn/table.hpp"
#include "tarn/vector.hpp"

namespace tarn::launcher {

/// What is said of one row, whose number in the data counts from 1.
struct PredictedRow {
  std::size_t number;
  double mean, sd, mcse, lower, upper;
  std::string missing;  // why it has no numbers; empty: it has
};

/// Of a row's draws, with the ends of its equal-tailed interval.
PredictedRow summarise(std::size_t number, ConstVectorRef draws, double interval);

struct PredictionTable {
  std::string response;
  std::string lower, upper;  // names of the quantiles
  std::vector<PredictedRow> rows;
  std::vector<double> observed;  // empty: not there
  /// The columns of NEWDATA, or of a grid, which stand before the numbers; none for the fit's rows.
  std::shared_ptr<const Table> data = {};
  std::vector<std::string> text_columns = {};  // those of them that people are shown
};

/// Lines without numbers for the rows that could not be predicted, in their places.
void add_missing(PredictionTable& table, const std::vector<MissingRow>& missing);

/// The first rows alone, with the digits that their Monte Carlo errors support.
std::string as_text(const PredictionTable& table);
std::string as_csv(const PredictionTable& table);
nlohmann::ordered_json as_json(const PredictionTable& table);

}  // namespace tarn::launcher
