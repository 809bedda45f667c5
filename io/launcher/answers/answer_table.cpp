// Tables of answers as text, CSV and JSON.
#include "answers/answer_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "report/numbers.hpp"
#include "tarn/io/table_writer.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_estimate_bytes = std::size_t{64} << 20;

}  // namespace

void estimate_rows(AnswerTable& table, const Registry& registry, const Matrix& draws,
                   std::size_t chains, const Interval& interval) {
  std::vector<std::size_t> present;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (table.rows[row].missing.empty()) present.push_back(row);
  }
  table.draws = as_size(draws.rows());
  const auto at_once = as_index(std::max<std::size_t>(
      1, most_estimate_bytes / (sizeof(double) * std::max<std::size_t>(1, table.draws))));
  for (Eigen::Index first = 0; first < draws.cols(); first += at_once) {
    const Eigen::Index count = std::min(at_once, draws.cols() - first);
    const auto some = estimates(registry, draws.middleCols(first, count), chains, interval);
    for (Eigen::Index k = 0; k < count; ++k) {
      AnswerRow& row = table.rows[present[as_size(first + k)]];
      row.value = some[as_size(k)];
      row.above_zero = (draws.col(first + k).array() > 0).cast<double>().mean();
    }
  }
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (AnswerRow& row : table.rows) {
    if (row.missing.empty()) continue;
    row.value = {none, none, none, none, none, none, none, none};
    row.above_zero = none;
  }
}

std::vector<std::size_t> first_rows(const AnswerTable& table, std::size_t most) {
  std::vector<std::size_t> numbers(std::min(most, table.rows.size()));
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  return numbers;
}

std::string as_text(const AnswerTable& answer, const Interval& interval,
                    const std::vector<std::size_t>& rows) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns;
  for (const std::string& name : answer.columns) columns.push_back({name, Align::left});
  const std::vector<TextTable::Column> figures = estimate_columns(interval, false);
  columns.insert(columns.end(), figures.begin(), figures.end());
  if (answer.probabilities) columns.push_back({"P(> 0)", Align::point});
  TextTable table(columns);
  std::vector<std::string> reasons;
  for (const std::size_t number : rows) {
    const AnswerRow& row = answer.rows[number];
    std::vector<std::string> cells = row.cells;
    const std::vector<std::string> numbers = estimate_cells(row.value, false);
    cells.insert(cells.end(), numbers.begin(), numbers.end());
    if (answer.probabilities) cells.push_back(probability_text(row.above_zero, 0.01));
    table.add(std::move(cells));
  }
  for (const AnswerRow& row : answer.rows) {
    if (row.missing.empty() || std::ranges::find(reasons, row.missing) != reasons.end()) continue;
    reasons.push_back(row.missing);
  }
  std::string text = answer.title + "\n\n" + table.text();
  if (rows.size() < answer.rows.size()) {
    text += fmt::format("({} of {} rows: -o FILE.csv or --json has all)\n", rows.size(),
                        grouped(answer.rows.size()));
  }
  for (const std::string& reason : reasons) {
    text += wrapped(fmt::format("(-: no value, for {})", reason), 100, 1) + "\n";
  }
  for (const std::string& note : answer.notes) text += wrapped("  " + note, 100, 4) + "\n";
  return text;
}

std::string as_csv(const AnswerTable& answer, const Interval& interval) {
  Table table;
  table.rows = answer.rows.size();
  for (std::size_t k = 0; k < answer.columns.size(); ++k) {
    Column column{.name = answer.columns[k], .is_text = true};
    for (std::size_t row = 0; row < table.rows; ++row) {
      const std::string& cell = answer.rows[row].cells[k];
      const auto known = std::ranges::find(column.levels, cell);
      column.codes.push_back(static_cast<std::int32_t>(known - column.levels.begin()));
      if (known == column.levels.end()) column.levels.push_back(cell);
    }
    table.columns.push_back(std::move(column));
  }
  const auto add = [&](const std::string& name, auto&& value) {
    Column column{.name = name};
    for (const AnswerRow& row : answer.rows) column.numbers.push_back(value(row));
    table.columns.push_back(std::move(column));
  };
  add("mean", [](const AnswerRow& row) { return row.value.mean; });
  add("sd", [](const AnswerRow& row) { return row.value.sd; });
  add("mcse", [](const AnswerRow& row) { return row.value.mcse; });
  add(interval.lower_name(), [](const AnswerRow& row) { return row.value.lower; });
  add(interval.upper_name(), [](const AnswerRow& row) { return row.value.upper; });
  if (answer.probabilities) {
    add("above_zero", [](const AnswerRow& row) { return row.above_zero; });
  }
  return io::csv_text(table);
}

nlohmann::ordered_json as_json(const AnswerTable& answer, const Interval& interval) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const AnswerRow& row : answer.rows) {
    nlohmann::ordered_json at = nlohmann::ordered_json::object();
    for (std::size_t k = 0; k < answer.columns.size(); ++k) at[answer.columns[k]] = row.cells[k];
    nlohmann::ordered_json entry{{"at", std::move(at)}};
    entry.update(to_json(row.value, interval));
    if (answer.probabilities) entry["above_zero"] = row.above_zero;
    if (!row.missing.empty()) entry["missing"] = row.missing;
    rows.push_back(std::move(entry));
  }
  return {{"title", answer.title},
          {"columns", answer.columns},
          {"draws", answer.draws},
          {"rows", std::move(rows)},
          {"notes", answer.notes}};
}

}  // namespace tarn::launcher
