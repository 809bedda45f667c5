// The summary table: columns, digits and the verdict.
#include "report/summary_table.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "tarn/error.hpp"

namespace tarn {
namespace {

/// R-hat is judged in its second decimal.
constexpr int rhat_decimals = 3;

bool is_quantile(const std::string& column) { return column.size() > 1 && column[0] == 'q'; }

std::string whole(double x) {
  return std::isfinite(x) && x >= 0 ? grouped(as_size(std::llround(x))) : "-";
}

std::string cell_text(double x, int decimals) {
  if (decimals == 0 && std::abs(x) >= 1e4 && std::abs(x) < 1e15) {
    return (x < 0 ? "-" : "") + grouped(as_size(std::llround(std::abs(x))));
  }
  return number_text(x, decimals);
}

/// Three digits of the column's smaller numbers; none after the point where all are whole.
int decimals_of(const ReportTable& table, std::size_t column) {
  std::vector<double> sizes;
  bool whole = true;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const double x = table.at(row, column);
    if (!std::isfinite(x) || x == 0) continue;
    sizes.push_back(std::abs(x));
    whole = whole && x == std::round(x);
  }
  if (whole) return 0;
  const auto small = sizes.begin() + as_index(sizes.size() / 4);
  std::ranges::nth_element(sizes, small);
  const int place = 2 - static_cast<int>(std::floor(std::log10(*small)));
  return place > 6 ? -1 : std::max(place, 0);
}

}  // namespace

std::size_t column_of(const ReportTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name);
  if (found == table.columns.end()) {
    throw PluginError(
        fmt::format("the diagnostic's table '{}' has no column '{}'", table.name, name));
  }
  return as_size(found - table.columns.begin());
}

TextTable summary_table(const ReportTable& parameters, const std::vector<std::size_t>& wanted) {
  const std::size_t mean = column_of(parameters, "mean");
  const std::size_t sd = column_of(parameters, "sd");
  const std::size_t mcse = column_of(parameters, "mcse_mean");
  const std::size_t rhat = column_of(parameters, "rhat");
  const std::size_t bulk = column_of(parameters, "ess_bulk");
  const std::size_t tail = column_of(parameters, "ess_tail");

  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns{{"parameter", Align::left},
                                         {"mean", Align::point},
                                         {"sd", Align::point},
                                         {"mcse", Align::point}};
  std::vector<std::size_t> quantiles;
  for (std::size_t k = 0; k < parameters.columns.size(); ++k) {
    if (!is_quantile(parameters.columns[k])) continue;
    quantiles.push_back(k);
    columns.push_back({parameters.columns[k], Align::point});
  }
  columns.insert(columns.end(),
                 {{"rhat", Align::point}, {"ess_bulk", Align::right}, {"ess_tail", Align::right}});

  TextTable table(std::move(columns));
  for (const std::size_t row : wanted) {
    const auto value = [&](std::size_t column) { return parameters.at(row, column); };
    const int decimals = supported_decimals(value(mcse));
    std::vector<std::string> cells{parameters.rows[row], number_text(value(mean), decimals),
                                   number_text(value(sd), decimals),
                                   number_text(value(mcse), decimals < 0 ? -1 : decimals + 1)};
    for (const std::size_t k : quantiles) cells.push_back(number_text(value(k), decimals));
    cells.push_back(number_text(value(rhat), rhat_decimals));
    cells.push_back(whole(value(bulk)));
    cells.push_back(whole(value(tail)));
    table.add(std::move(cells));
  }
  return table;
}

std::string in_words(const std::string& name) {
  std::string words;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('_', at), name.size());
    std::string word = name.substr(at, end - at);
    if (word == "ols" || word == "loo" || word == "waic" || word == "sbc") {
      std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c - 32); });
    }
    words += (words.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return words;
}

TextTable plain_table(const ReportTable& table, std::size_t most_rows) {
  std::vector<TextTable::Column> columns{{"", TextTable::Align::left}};
  std::vector<int> decimals;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    decimals.push_back(decimals_of(table, c));
    columns.push_back({in_words(table.columns[c]), TextTable::Align::point});
  }
  TextTable text(std::move(columns));
  for (std::size_t row = 0; row < std::min(table.rows.size(), most_rows); ++row) {
    std::vector<std::string> cells{table.rows[row]};
    for (std::size_t c = 0; c < decimals.size(); ++c) {
      cells.push_back(cell_text(table.at(row, c), decimals[c]));
    }
    text.add(std::move(cells));
  }
  return text;
}

std::string verdict_word(const std::vector<Finding>& findings) {
  const auto has = [&](Finding::Level level) {
    return std::ranges::find(findings, level, &Finding::level) != findings.end();
  };
  if (has(Finding::Level::bad)) return "bad";
  return has(Finding::Level::note) ? "notes" : "good";
}

std::string verdict_words(bool bad, bool approximate) {
  if (bad) return approximate ? "do not use these approximate draws" : "do not use these draws yet";
  return approximate ? "the draws can be used as an approximation" : "the draws can be used";
}

std::string verdict_line(Finding::Level worst, bool approximate) {
  return "verdict: " + verdict_words(worst == Finding::Level::bad, approximate) + '\n';
}

std::string verdict_text(const std::vector<Finding>& findings, bool approximate) {
  Finding::Level worst = Finding::Level::good;
  for (const Finding& finding : findings) worst = std::max(worst, finding.level);
  return verdict_line(worst, approximate) + findings_text(findings);
}

std::string findings_text(const std::vector<Finding>& findings) {
  std::string text;
  std::vector<Finding> worst_first = findings;
  std::ranges::stable_sort(worst_first, std::ranges::greater(), &Finding::level);
  for (const Finding& finding : worst_first) {
    const char* mark = finding.level == Finding::Level::bad    ? "bad"
                       : finding.level == Finding::Level::note ? "note"
                                                               : "good";
    text += fmt::format("  {:<5} {}\n", mark, wrapped(finding.sentence, 92, 8));
  }
  return text;
}

}  // namespace tarn
