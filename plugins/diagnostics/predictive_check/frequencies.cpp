// Whole numbers: how often each of them is in the data and in replicates.
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "comparison.hpp"
#include "figures.hpp"
#include "parts.hpp"

namespace tarn::predictive_check {
namespace {

/// Of each bin of the grid, up to the last that holds anything or has a name.
std::vector<Comparison> bins_of(const Replicated& replicated) {
  std::vector<Comparison> all;
  for (std::size_t k = 0; k < replicated.grid.bins; ++k) {
    std::vector<double> counts;
    for (const Shape& shape : replicated.replicates) counts.push_back(shape.count(k));
    all.push_back(compare(replicated.data.count(k), std::move(counts)));
  }
  while (all.size() > std::max<std::size_t>(1, replicated.labels.size()) && all.back().data == 0 &&
         all.back().upper == 0)
    all.pop_back();
  return all;
}

/// A bar hangs from the square root of what is expected, so that small numbers are seen as large
/// ones are (Tukey 1972; Kleiber & Zeileis 2016).
void add_rootogram(const Design& design, const Replicated& replicated, Report& report) {
  FigureData data{"bins",
                  {{"value", {}, {}},
                   {"data", {}, {}},
                   {"replicates", {}, {}},
                   {"top", {}, {}},
                   {"foot", {}, {}},
                   {"lower", {}, {}},
                   {"upper", {}, {}},
                   {"from", {}, {}},
                   {"to", {}, {}}}};
  const Grid& grid = replicated.grid;
  const std::vector<Comparison> bins = bins_of(replicated);
  for (std::size_t k = 0; k < bins.size(); ++k) {
    const Comparison& c = bins[k];
    const double middle = grid.edge(k) + grid.width / 2;
    const double top = std::sqrt(c.mean);
    const double numbers[] = {middle,
                              c.data,
                              c.mean,
                              top,
                              top - std::sqrt(c.data),
                              top - std::sqrt(c.upper),
                              top - std::sqrt(c.lower),
                              middle - 0.4 * grid.width,
                              middle + 0.4 * grid.width};
    for (std::size_t column = 0; column < data.columns.size(); ++column) {
      data.columns[column].numbers.push_back(numbers[column]);
    }
  }
  const std::string unit =
      grid.width > 1 ? fmt::format(" {:g} numbers share a bar.", grid.width) : "";
  report.add(Figure{
      .name = "rootogram",
      .title = fmt::format("{}: how often each number occurs, and how often the model makes it",
                           design.response),
      .caption = fmt::format(
          "Line: the mean frequency in {} replicates. Bars hang from it, as long as the frequency "
          "in the data; all as square roots. Where a bar ends above 0 the data have too few of "
          "the number, below 0 too many. Band: 95 % of the replicates' bars end there.{}",
          replicated.replicates.size(), unit),
      .specification = with_words(figures::rootogram, {{"response", design.response}}),
      .data = {std::move(data)}});
}

void add_bars(const Design& design, const Replicated& replicated, Report& report) {
  FigureData data{"bars",
                  {{"value", {}, {}},
                   {"data", {}, {}},
                   {"replicates", {}, {}},
                   {"lower", {}, {}},
                   {"upper", {}, {}}}};
  const double rows = replicated.data.rows();
  const std::vector<Comparison> bins = bins_of(replicated);
  for (std::size_t k = 0; k < bins.size(); ++k) {
    const Comparison& c = bins[k];
    data.columns[0].texts.push_back(replicated.labels[k]);
    data.columns[1].numbers.push_back(c.data / rows);
    data.columns[2].numbers.push_back(c.mean / rows);
    data.columns[3].numbers.push_back(c.lower / rows);
    data.columns[4].numbers.push_back(c.upper / rows);
  }
  report.add(Figure{
      .name = "bars",
      .title = fmt::format("{}: shares in the data and in replicates", design.response),
      .caption = fmt::format("Bars: the share of rows with each value, the mean of {} replicates; "
                             "lines hold 95 % of them. Points: in the data.",
                             replicated.replicates.size()),
      .specification = with_words(figures::bars, {{"response", design.response}}),
      .data = {std::move(data)}});
}

}  // namespace

void add_frequencies(const Fit& fit, const Replicated& replicated, Report& report) {
  if (!fit.wants_figures || !is_whole(replicated.kind)) return;
  const Design& design = fit.model->design;
  if (replicated.kind == ResponseKind::count || replicated.kind == ResponseKind::successes) {
    return add_rootogram(design, replicated, report);
  }
  add_bars(design, replicated, report);
}

}  // namespace tarn::predictive_check
