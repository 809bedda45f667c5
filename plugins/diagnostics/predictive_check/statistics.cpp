// Test statistics: where that of the data lies among those of the replicates.
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "comparison.hpp"
#include "figures.hpp"
#include "parts.hpp"
#include "quantities.hpp"

namespace tarn::predictive_check {
namespace {

/// Tails of a posterior predictive p-value. The data have been used to fit, so that p-values crowd
/// at 1/2 where the model is right (Gelman et al. 2013, section 6.3): a tail of 1 % is rarer than
/// that. 0.25 % is beyond all but one of 400 replicates. A normal model that misses the shape of
/// the data may still be of use; one that misses their mean or standard deviation does not describe
/// them at all.
constexpr double noted = 0.01;
constexpr double bad = 0.0025;

void add_figure(const Replicated& replicated, const std::vector<Quantity>& quantities,
                const Design& design, Report& report) {
  constexpr std::size_t bins = 24;
  FigureData data{"statistics",
                  {{"statistic", {}, {}},
                   {"kind", {}, {}},
                   {"from", {}, {}},
                   {"to", {}, {}},
                   {"replicates", {}, {}}}};
  const auto add = [&](const std::string& name, const char* kind, double from, double to,
                       double count) {
    data.columns[0].texts.push_back(name);
    data.columns[1].texts.emplace_back(kind);
    data.columns[2].numbers.push_back(from);
    data.columns[3].numbers.push_back(to);
    data.columns[4].numbers.push_back(count);
  };
  for (const Quantity& quantity : quantities) {
    std::vector<double> values;
    for (const Shape& shape : replicated.replicates) values.push_back(quantity.of(shape));
    const auto [low, high] = std::ranges::minmax(values);
    const double width = std::max(high - low, 1e-300) / bins;
    std::vector<double> counts(bins, 0);
    for (const double value : values) {
      ++counts[std::min(bins - 1, static_cast<std::size_t>((value - low) / width))];
    }
    for (std::size_t k = 0; k < bins; ++k) {
      const double from = low + width * static_cast<double>(k);
      add(quantity.name, "replicates", from, from + width, counts[k]);
    }
    const double seen = quantity.of(replicated.data);
    add(quantity.name, "data", seen, seen, 0);
  }
  report.add(Figure{
      .name = "test_statistics",
      .title = fmt::format("Statistics of {} and of its replicates", design.response),
      .caption = fmt::format(
          "Histograms: the statistic in each of {} responses drawn from the posterior. Line: in "
          "the data. A line in the bulk of its histogram says that the model makes data like these "
          "in this respect.",
          replicated.replicates.size()),
      .specification = std::string(figures::test_statistics),
      .data = {std::move(data)}});
}

}  // namespace

void add_statistics(const Fit& fit, const Replicated& replicated, Report& report) {
  const Design& design = fit.model->design;
  const std::vector<Quantity> quantities = quantities_of(replicated);
  ReportTable table{"test_statistics", comparison_columns(), {}, {}};
  table.title = "Statistics of the data among those of replicates";
  bool all_good = true;
  for (const Quantity& quantity : quantities) {
    std::vector<double> values;
    for (const Shape& shape : replicated.replicates) values.push_back(quantity.of(shape));
    const Comparison c = compare(quantity.of(replicated.data), std::move(values));
    add_row(table, quantity.name, c);
    if (c.tail() >= noted) continue;
    all_good = false;
    const bool greater = c.p < 0.5;
    report.add(
        {quantity.basic && c.tail() < bad ? Finding::Level::bad : Finding::Level::note,
         fmt::format("the {} of {} is {:.3g}, and {} of {} replicates have {}: {}",
                     quantity.in_sentences, design.response, c.data,
                     std::lround(c.tail() * static_cast<double>(replicated.replicates.size())),
                     replicated.replicates.size(), greater ? "more" : "less",
                     advice(quantity, greater, replicated, design))});
  }
  if (all_good) {
    report.add({Finding::Level::good, fmt::format("replicates of {} are like the data in {}",
                                                  design.response, like_in(replicated.kind))});
  }
  report.add(std::move(table));
  if (fit.wants_figures) add_figure(replicated, quantities, design, report);
}

}  // namespace tarn::predictive_check
