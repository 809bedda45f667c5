// The reliability diagram: finding, table, figure.
#include <string>

#include <fmt/format.h>

#include "figures.hpp"
#include "parts.hpp"
#include "quantities.hpp"

namespace tarn::predictive_check {
namespace {

constexpr double miscalibrated = 0.01;    // as of statistics
constexpr double tolerated_share = 0.05;  // share of rows with unreliable weights

/// How often each mean was given: twenty bins of equal width.
FigureData histogram(const Reliability& found) {
  constexpr std::size_t bins = 20;
  std::vector<double> counts(bins, 0);
  for (const double mean : found.all) {
    ++counts[std::min(bins - 1, static_cast<std::size_t>(mean * bins))];
  }
  FigureData data{"predictions", {{"from", {}, {}}, {"to", {}, {}}, {"rows", {}, {}}}};
  for (std::size_t k = 0; k < bins; ++k) {
    data.columns[0].numbers.push_back(static_cast<double>(k) / bins);
    data.columns[1].numbers.push_back(static_cast<double>(k + 1) / bins);
    data.columns[2].numbers.push_back(counts[k]);
  }
  return data;
}

}  // namespace

void add_calibration(const Fit& fit, const Reliability& found, Report& report) {
  const Design& design = fit.model->design;
  const bool binary = kind_of(design) == ResponseKind::binary;
  const std::string what = binary ? "probabilities" : "expected proportions";
  const char* right = binary ? "as often right as they say" : "right on average";
  if (static_cast<double>(found.unreliable) > tolerated_share * static_cast<double>(found.rows)) {
    report.add({Finding::Level::note,
                fmt::format("whether the {} of {} are calibrated cannot be said: for {} of {} rows "
                            "the draws say too little about a fit without them (Pareto k)",
                            what, design.response, found.unreliable, found.rows)});
  } else if (found.p < miscalibrated) {
    report.add({Finding::Level::note,
                fmt::format("the {} of {} are not calibrated: rows that were left out differ from "
                            "them by more than those of {} responses that the model makes "
                            "(figure calibration of tarn report shows where); try another link, "
                            "or a missing term",
                            what, design.response, found.replicates)});
  } else {
    report.add(
        {Finding::Level::good, fmt::format("the {} of {} are {}, for rows that were left out", what,
                                           design.response, right)});
  }
  ReportTable table{
      "calibration",
      {"rows", "unreliable", "score", "miscalibration", "discrimination", "uncertainty", "p"},
      {"all"},
      {static_cast<double>(found.rows), static_cast<double>(found.unreliable), found.score,
       found.miscalibration, found.discrimination, found.uncertainty, found.p}};
  table.title = fmt::format("Calibration: mean squared error of the {} of rows left out", what);
  report.add(std::move(table));
  if (!fit.wants_figures) return;
  FigureData curve{"curve",
                   {{"predicted", found.mean, {}},
                    {"observed", found.recalibrated, {}},
                    {"lower", found.lower, {}},
                    {"upper", found.upper, {}}}};
  report.add(Figure{
      .name = "calibration",
      .title = fmt::format("Calibration: {} of {} and what happened", what, design.response),
      .caption = fmt::format(
          "Line: {} among rows with about the same {}, by isotonic regression "
          "(Dimitriadis, Gneiting & Jordan 2021); both of rows that were left out. On "
          "the diagonal {} are {}. Band: 95 % of {} responses that the model makes lie "
          "in it at each point. Below: how many rows have such {}.",
          binary ? "the share of 1" : "the mean proportion",
          binary ? "probability" : "expected proportion", what, right, found.replicates, what),
      .specification = with_words(figures::calibration,
                                  {{"predicted", binary ? "probability" : "expected proportion"},
                                   {"observed", binary ? "share of 1" : "mean proportion"}}),
      .data = {std::move(curve), {"diagonal", {{"predicted", {0, 1}, {}}}}, histogram(found)}});
}

}  // namespace tarn::predictive_check
