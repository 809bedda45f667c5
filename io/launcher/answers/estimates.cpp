// Estimates come from the diagnostic that judges parameters: the same figures everywhere.
#include "answers/estimates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "answers/columns.hpp"
#include "base/guard.hpp"
#include "report/numbers.hpp"
#include "report/summary_table.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::launcher {
namespace {

Layout numbered(Eigen::Index count) {
  Block block{.name = "quantity", .axes = {{"number", {}}}};
  for (Eigen::Index k = 1; k <= count; ++k) {
    block.axes.front().labels.push_back(std::to_string(k));
  }
  Layout layout;
  layout.add(std::move(block));
  return layout;
}

double rounded(double p) { return std::round(p * 1e12) / 1e12; }

std::string whole_number(double x) {
  return std::isfinite(x) && x >= 0 ? grouped(as_size(std::llround(x))) : "-";
}

}  // namespace

ColumnDraws::ColumnDraws(Matrix columns, std::size_t chains)
    : columns_(std::move(columns)), chains_(chains), layout_(numbered(columns_.cols())) {}

void ColumnDraws::read(std::size_t, std::size_t first, MatrixRef into) const {
  into = columns_.middleCols(as_index(first), into.cols());
}

void ColumnDraws::read_draws(std::size_t chain, std::size_t first, MatrixRef into) const {
  into = columns_.middleRows(as_index(chain * draws() + first), into.cols()).transpose();
}

double Interval::lower() const { return rounded((1 - probability) / 2); }
double Interval::upper() const { return rounded(1 - lower()); }
std::string Interval::lower_name() const { return fmt::format("q{:g}", 100 * lower()); }
std::string Interval::upper_name() const { return fmt::format("q{:g}", 100 * upper()); }

nlohmann::ordered_json Interval::as_json() const {
  return {{"kind", "equal_tailed"}, {"probability", probability}};
}

std::vector<Estimate> estimates(const Registry& registry, Matrix columns, std::size_t chains,
                                const Interval& interval) {
  if (columns.cols() == 0) return {};
  const ColumnDraws draws(std::move(columns), chains);
  const std::string ends = fmt::format("{},{}", interval.lower(), interval.upper());
  const DiagnosticType& type = *registry.diagnostic("convergence").type;
  const std::vector<std::string> given{"quantiles=" + ends, "mcse_quantiles=" + ends};
  const Settings settings(type.settings, given, "diagnostic 'convergence'");
  const Fit fit{.posterior = draws};
  Report report;
  guarded("diagnostic", "convergence", "evaluate()",
          [&] { type.make(settings)->evaluate(fit, report); });
  const auto table = std::ranges::find(report.tables(), "parameters", &ReportTable::name);
  if (table == report.tables().end()) {
    throw PluginError("diagnostic 'convergence' gives no table 'parameters'");
  }
  const auto at = [&](const std::string& column) { return column_of(*table, column); };
  const std::size_t mean = at("mean"), sd = at("sd"), mcse = at("mcse_mean"), rhat = at("rhat");
  const std::size_t bulk = at("ess_bulk"), tail = at("ess_tail");
  const std::size_t lower = at(interval.lower_name()), upper = at(interval.upper_name());
  std::vector<Estimate> all;
  for (std::size_t row = 0; row < table->rows.size(); ++row) {
    const auto value = [&](std::size_t column) { return table->at(row, column); };
    all.push_back({value(mean), value(sd), value(mcse), value(lower), value(upper), value(rhat),
                   value(bulk), value(tail)});
  }
  return all;
}

nlohmann::ordered_json to_json(const Estimate& estimate, const Interval& interval) {
  return {{"mean", estimate.mean},
          {"sd", estimate.sd},
          {"mcse", estimate.mcse},
          {interval.lower_name(), estimate.lower},
          {interval.upper_name(), estimate.upper},
          {"rhat", estimate.rhat},
          {"ess_bulk", estimate.ess_bulk},
          {"ess_tail", estimate.ess_tail}};
}

std::vector<TextTable::Column> estimate_columns(const Interval& interval, bool with_ess) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns{{"mean", Align::point},
                                         {"sd", Align::point},
                                         {"mcse", Align::point},
                                         {interval.lower_name(), Align::point},
                                         {interval.upper_name(), Align::point}};
  if (with_ess) {
    columns.insert(columns.end(), {{"ess_bulk", Align::right}, {"ess_tail", Align::right}});
  }
  return columns;
}

std::vector<std::string> estimate_cells(const Estimate& estimate, bool with_ess) {
  const int decimals = supported_decimals(estimate.mcse);
  std::vector<std::string> cells{
      number_text(estimate.mean, decimals), number_text(estimate.sd, decimals),
      number_text(estimate.mcse, decimals < 0 ? -1 : decimals + 1),
      number_text(estimate.lower, decimals), number_text(estimate.upper, decimals)};
  if (with_ess) {
    cells.push_back(whole_number(estimate.ess_bulk));
    cells.push_back(whole_number(estimate.ess_tail));
  }
  return cells;
}

std::string probability_text(double probability, double mcse) {
  if (std::isnan(probability)) return "-";
  if (probability == 0 || probability == 1) return fmt::format("{}", probability);
  return fmt::format("{:.{}f}", probability, std::clamp(supported_decimals(mcse), 2, 6));
}

}  // namespace tarn::launcher
