// Where rows lie in their leave-one-out predictive distributions: finding, table, figure.
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "figures.hpp"
#include "parts.hpp"
#include "quantities.hpp"
#include "tarn/ecdf_band.hpp"

namespace tarn::predictive_check {
namespace {

/// In which way numbers that should be uniform (mean 1/2, variance 1/12) are not.
std::string_view fault_of(const std::vector<double>& pit, bool normal) {
  const auto n = static_cast<double>(pit.size());
  double mean = 0, squares = 0;
  for (const double u : pit) mean += u / n;
  for (const double u : pit) squares += (u - mean) * (u - mean) / n;
  if (std::abs(mean - 0.5) * std::sqrt(12 * n) > 3) {
    return mean > 0.5 ? "predictions are too low" : "predictions are too high";
  }
  if (squares > 1.0 / 12) return "predictions are too narrow, with rows far out on both sides";
  return normal
             ? "predictions are too wide for most rows: the residuals have heavy tails, or their "
               "variance differs"
             : "predictions are too wide for most rows";
}

/// What the rows' places say of the model, unless too many of them come from unreliable weights.
void judge_loo_pit(const Design& design, const LooPit& loo, const EcdfBand& usual,
                   const std::vector<double>& shares, Report& report) {
  constexpr double tolerated = 0.05;  // as many rows as leave 95 % intervals anyway
  const auto count = static_cast<double>(loo.pit.size());
  if (static_cast<double>(loo.unreliable) > tolerated * count) {
    report.add(
        {Finding::Level::note,
         fmt::format("where rows lie in their leave-one-out predictive distributions cannot "
                     "be said: for {} of {} rows the draws say too little about a fit without "
                     "them (Pareto k)",
                     loo.unreliable, loo.pit.size())});
    return;
  }
  const auto leaves = [&](const EcdfBand& band) { return band.leaves(shares) < band.at.size(); };
  if (!leaves(usual)) return;
  const bool normal = query<GaussianRows>(*design.family) != nullptr;
  const bool clearly = leaves(ecdf_band(loo.pit.size(), usual.at.size(), 0.999));
  report.add({Finding::Level::note,
              fmt::format("where rows lie in their leave-one-out predictive distributions is {} "
                          "uniform: {}; {}",
                          clearly ? "clearly not" : "not", fault_of(loo.pit, normal),
                          width_advice(design))});
}

}  // namespace

void add_loo_pit(const Fit& fit, const LooPit& loo, Report& report) {
  constexpr std::size_t band_points = 100;
  const std::size_t count = loo.pit.size();
  const EcdfBand usual = ecdf_band(count, band_points, 0.95);
  const std::vector<double> shares = usual.ecdf(loo.pit);
  judge_loo_pit(fit.model->design, loo, usual, shares, report);
  ReportTable table{"loo_pit", {"rows", "unreliable", "mean", "outside"}, {"all"}, {}};
  table.title = "LOO-PIT: where rows lie in their leave-one-out predictive distributions";
  double sum = 0, outside = 0;
  for (const double u : loo.pit) {
    sum += u;
    outside += u < 0.025 || u > 0.975 ? 1 : 0;
  }
  const double n = static_cast<double>(count);
  table.values = {n, static_cast<double>(loo.unreliable), sum / n, outside / n};
  report.add(std::move(table));
  if (!fit.wants_figures) return;
  FigureData data{"shares",
                  {{"pit", {}, {}}, {"lower", {}, {}}, {"upper", {}, {}}, {"data", {}, {}}}};
  for (std::size_t k = 0; k < usual.at.size(); ++k) {
    data.columns[0].numbers.push_back(usual.at[k]);
    data.columns[1].numbers.push_back(usual.lower[k] - usual.at[k]);
    data.columns[2].numbers.push_back(usual.upper[k] - usual.at[k]);
    data.columns[3].numbers.push_back(shares[k] - usual.at[k]);
  }
  const std::size_t rows = fit.model->design.rows->count();
  report.add(Figure{
      .name = "loo_pit",
      .title = "LOO-PIT: each row in its predictive distribution given the others",
      .caption = fmt::format(
          "For each of {} rows: the probability, given all other rows, of a value below its own{}. "
          "If the model is right these are uniform, and the line stays in the band with "
          "probability 0.95. A line that begins above and ends below it means that predictions are "
          "too narrow; below and above, too wide.{}",
          count,
          kind_of(fit.model->design) >= ResponseKind::binary ||
                  fit.model->design.family->has_atoms()
              ? ", and of an equal one times a uniform number"
              : "",
          count < rows ? fmt::format(" Of {} rows in all, evenly spaced.", rows) : ""),
      .specification = std::string(figures::loo_pit),
      .data = {std::move(data)}});
}

}  // namespace tarn::predictive_check
