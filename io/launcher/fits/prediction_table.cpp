// Predictions of rows as a table.
#include "fits/prediction_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "tarn/index.hpp"
#include "tarn/statistics/quantile.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_rows_shown = 50;

/// Empty where a number is missing.
std::string cell(double x) { return std::isnan(x) ? std::string() : fmt::format("{}", x); }

/// A cell of NEWDATA, empty where it is missing.
std::string data_cell(const Column& column, std::size_t row) {
  if (!column.is_text) return cell(column.numbers[row]);
  const std::int32_t code = column.codes[row];
  return code < 0 ? std::string() : column.levels[as_size(code)];
}

/// As CSV has it (RFC 4180).
std::string quoted_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

void add_missing(PredictionTable& table, const std::vector<MissingRow>& missing) {
  if (missing.empty()) return;
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  PredictionTable all{table.response, table.lower,       table.upper, {}, {},
                      table.data,     table.text_columns};
  std::size_t next = 0;
  const auto add = [&](const PredictedRow& row, double observed) {
    all.rows.push_back(row);
    if (!table.observed.empty()) all.observed.push_back(observed);
  };
  for (std::size_t i = 0; i <= table.rows.size(); ++i) {
    while (next < missing.size() &&
           (i == table.rows.size() || missing[next].number < table.rows[i].number)) {
      const MissingRow& row = missing[next++];
      add({row.number, none, none, none, none, none, row.reason}, none);
    }
    if (i < table.rows.size())
      add(table.rows[i], table.observed.empty() ? none : table.observed[i]);
  }
  table = std::move(all);
}

PredictedRow summarise(std::size_t number, ConstVectorRef draws, double interval) {
  const double n = static_cast<double>(draws.size());
  PredictedRow row{.number = number,
                   .mean = draws.mean(),
                   .sd = 0,
                   .mcse = 0,
                   .lower = 0,
                   .upper = 0,
                   .missing = {}};
  row.sd = n > 1 ? std::sqrt((draws.array() - row.mean).square().sum() / (n - 1)) : 0;
  row.mcse = row.sd / std::sqrt(n);
  std::vector<double> values(draws.begin(), draws.end());
  row.lower = statistics::select_quantile(values, (1 - interval) / 2);
  row.upper = statistics::select_quantile(values, (1 + interval) / 2);
  return row;
}

std::string as_text(const PredictionTable& result) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns;
  for (const std::string& name : result.text_columns) columns.push_back({name, Align::left});
  columns.insert(columns.end(), {{"row", Align::right},
                                 {"mean", Align::point},
                                 {"sd", Align::point},
                                 {result.lower, Align::point},
                                 {result.upper, Align::point}});
  if (!result.observed.empty()) columns.push_back({"observed", Align::point});
  TextTable table(columns);
  const std::size_t shown = std::min(most_rows_shown, result.rows.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const PredictedRow& row = result.rows[i];
    const int decimals = supported_decimals(row.mcse);
    std::vector<std::string> cells;
    for (const std::string& name : result.text_columns) {
      cells.push_back(data_cell(result.data->at(name), row.number - 1));
    }
    cells.push_back(std::to_string(row.number));
    for (const double x : {row.mean, row.sd, row.lower, row.upper}) {
      cells.push_back(number_text(x, decimals));
    }
    if (!result.observed.empty()) {
      cells.push_back(std::isnan(result.observed[i]) ? "-"
                                                     : fmt::format("{:g}", result.observed[i]));
    }
    table.add(std::move(cells));
  }
  std::string text = table.text();
  if (shown < result.rows.size()) {
    text += fmt::format("({} more: -o FILE.csv or --json has all)\n",
                        count_of(result.rows.size() - shown, "row"));
  }
  return text;
}

std::string as_csv(const PredictionTable& result) {
  std::string text;
  if (result.data) {
    for (const Column& column : result.data->columns) text += quoted_cell(column.name) + ',';
  }
  text += fmt::format("row,mean,sd,{},{}{}\n", result.lower, result.upper,
                      result.observed.empty() ? "" : ",observed");
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const PredictedRow& row = result.rows[i];
    if (result.data) {
      for (const Column& column : result.data->columns) {
        text += quoted_cell(data_cell(column, row.number - 1)) + ',';
      }
    }
    text += std::to_string(row.number);
    for (const double x : {row.mean, row.sd, row.lower, row.upper}) text += ',' + cell(x);
    if (!result.observed.empty()) text += ',' + cell(result.observed[i]);
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json as_json(const PredictionTable& result) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const PredictedRow& row = result.rows[i];
    nlohmann::ordered_json entry = nlohmann::ordered_json::object();
    if (result.data) {
      nlohmann::ordered_json& at = entry["at"] = nlohmann::ordered_json::object();
      for (const Column& column : result.data->columns) {
        const std::size_t place = row.number - 1;
        if (!column.is_text) {
          at[column.name] = column.numbers[place];
        } else if (column.codes[place] < 0) {
          at[column.name] = nullptr;
        } else {
          at[column.name] = data_cell(column, place);
        }
      }
    }
    entry.update({{"row", row.number},
                  {"mean", row.mean},
                  {"sd", row.sd},
                  {"mcse", row.mcse},
                  {result.lower, row.lower},
                  {result.upper, row.upper}});
    if (!result.observed.empty()) entry["observed"] = result.observed[i];
    if (!row.missing.empty()) entry["missing"] = row.missing;
    rows.push_back(std::move(entry));
  }
  return rows;
}

}  // namespace tarn::launcher
