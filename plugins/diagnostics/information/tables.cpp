// The tables of `information`.
#include <algorithm>
#include <cmath>
#include <limits>

#include "judged.hpp"

namespace tarn::information {

std::vector<std::size_t> Judged::above(double limit) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i].pareto_k > limit) found.push_back(i);
  }
  std::ranges::stable_sort(
      found, [&](std::size_t a, std::size_t b) { return units[a].pareto_k > units[b].pareto_k; });
  return found;
}

std::vector<std::size_t> Judged::refitted() const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i].refitted) found.push_back(i);
  }
  return found;
}

std::vector<std::size_t> Judged::unreliable() const {
  std::vector<std::size_t> found = above(threshold);
  std::erase_if(found, [&](std::size_t i) { return units[i].refitted; });
  return found;
}

namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

void add_row(ReportTable& table, const std::string& label, std::vector<double> values) {
  table.rows.push_back(label);
  table.values.insert(table.values.end(), values.begin(), values.end());
}

ReportTable estimates(const Judged& judged) {
  ReportTable table{"information" + (judged.rows() ? "" : "_" + judged.grouping),
                    {"estimate", "se", "mcse"},
                    {},
                    {}};
  table.title =
      judged.rows() ? "Leave-one-out and WAIC" : "Leaving out groups of " + judged.grouping;
  const auto add = [&](const std::string& name, double Criteria::*figure, double factor = 1) {
    const Estimate estimate = total(judged.units, figure);
    const double mcse = figure == &Criteria::elpd_loo ? std::abs(factor) * judged.mcse : no_value;
    add_row(table, name, {factor * estimate.sum, std::abs(factor) * estimate.se, mcse});
  };
  if (judged.rows()) {
    add("elpd_loo", &Criteria::elpd_loo);
    add("p_loo", &Criteria::p_loo);
    add("looic", &Criteria::elpd_loo, -2);
    add("elpd_waic", &Criteria::elpd_waic);
    add("p_waic", &Criteria::p_waic);
    add("waic", &Criteria::elpd_waic, -2);
  } else {
    add("elpd_logo", &Criteria::elpd_loo);
    add("p_logo", &Criteria::p_loo);
  }
  return table;
}

/// How many units have a Pareto k in each range.
ReportTable ranges(const Judged& judged) {
  const std::size_t bad = judged.above(judged.threshold).size();
  const std::size_t very_bad = judged.above(1).size();
  double greatest = 0;
  for (const Criteria& unit : judged.units) greatest = std::max(greatest, unit.pareto_k);
  ReportTable table{"pareto_k" + (judged.rows() ? "" : "_" + judged.grouping),
                    {"units", "good", "bad", "very_bad", "threshold", "greatest", "refitted"},
                    {},
                    {}};
  table.title = judged.rows() ? "Pareto k of the rows: is leave-one-out reliable?"
                              : "Pareto k of the groups of " + judged.grouping +
                                    ": is leaving one out reliable?";
  const auto n = static_cast<double>(judged.units.size());
  add_row(table, judged.rows() ? "rows" : judged.grouping,
          {n, n - static_cast<double>(bad), static_cast<double>(bad - very_bad),
           static_cast<double>(very_bad), judged.threshold, greatest,
           static_cast<double>(judged.refitted().size())});
  return table;
}

}  // namespace

void add_tables(const Judged& judged, std::size_t named, bool pointwise, Report& report) {
  report.add(estimates(judged));
  report.add(ranges(judged));

  const std::string suffix = judged.rows() ? "" : "_" + judged.grouping;
  std::vector<std::size_t> worst = judged.above(judged.threshold);
  if (worst.size() > named) worst.resize(named);
  ReportTable table{"worst" + suffix, {"pareto_k", "elpd", "p", "mcse"}, {}, {}};
  table.title = judged.rows() ? "Rows that are hardest to leave out"
                              : "Groups of " + judged.grouping + " that are hardest to leave out";
  for (const std::size_t i : worst) {
    const Criteria& unit = judged.units[i];
    add_row(table, (judged.rows() ? "row " : "") + judged.labels[i],
            {unit.pareto_k, unit.elpd_loo, unit.p_loo, unit.mcse});
  }
  if (!worst.empty()) report.add(std::move(table));

  if (!pointwise) return;
  ReportTable all{
      "pointwise" + suffix,
      {"elpd_loo", "p_loo", "pareto_k", "r_eff", "elpd_waic", "p_waic", "mcse", "refitted"},
      judged.labels,
      {}};
  all.values.reserve(8 * judged.units.size());
  for (const Criteria& unit : judged.units) {
    all.values.insert(all.values.end(),
                      {unit.elpd_loo, unit.p_loo, unit.pareto_k, unit.efficiency, unit.elpd_waic,
                       unit.p_waic, unit.mcse, unit.refitted ? 1.0 : 0.0});
  }
  report.add(std::move(all));
}

}  // namespace tarn::information
