// Densities and distribution functions, of the data and of replicates.
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "figures.hpp"
#include "parts.hpp"
#include "quantities.hpp"
#include "rows.hpp"

namespace tarn::predictive_check {
namespace {

constexpr std::size_t most_curves = 50;
constexpr std::size_t points = 80;  // of a curve

/// Edges of the grid at which curves are drawn: the data's range and a quarter beyond; all where
/// bins hold whole numbers.
std::vector<std::size_t> shown_edges(const Grid& grid) {
  std::vector<std::size_t> edges;
  if (grid.bins <= points) {
    for (std::size_t k = 0; k <= grid.bins; ++k) edges.push_back(k);
    return edges;
  }
  const std::size_t first = grid.bins / 8;
  const std::size_t last = grid.bins - first;
  for (std::size_t k = 0; k <= points; ++k) edges.push_back(first + k * (last - first) / points);
  return edges;
}

FigureData curve_data(std::string name, const std::string& value) {
  return {std::move(name), {{"replicate", {}, {}}, {"response", {}, {}}, {value, {}, {}}}};
}

void add_curve(FigureData& data, const Grid& grid, double number,
               const std::vector<double>& values) {
  for (const std::size_t k : shown_edges(grid)) {
    data.columns[0].numbers.push_back(number);
    data.columns[1].numbers.push_back(grid.edge(k));
    data.columns[2].numbers.push_back(values[k]);
  }
}

template <class Values>
std::vector<FigureData> overlay(const Replicated& replicated, const std::string& value,
                                const Values& values_of) {
  FigureData replicates = curve_data("replicates", value);
  for (const std::size_t k : evenly(replicated.replicates.size(), most_curves)) {
    add_curve(replicates, replicated.grid, static_cast<double>(k + 1),
              values_of(replicated.replicates[k]));
  }
  FigureData data = curve_data("data", value);
  add_curve(data, replicated.grid, 0, values_of(replicated.data));
  return {std::move(replicates), std::move(data)};
}

/// Differences of distribution functions from the replicates' mean, and the band that 95 % of the
/// replicates stay in everywhere: so many of their standard deviations at each edge.
struct Differences {
  std::vector<double> mean, low, high, data;
  double furthest = 0;  // of the data, in standard deviations
  double reach = 0;     // of the band
};

Differences differences(const Replicated& replicated) {
  std::vector<std::vector<double>> all;
  for (const Shape& shape : replicated.replicates) all.push_back(shape.ecdf());
  const std::size_t edges = all.front().size();
  const double n = static_cast<double>(all.size());
  Differences result;
  result.data = replicated.data.ecdf();
  std::vector<double> sd(edges);
  for (std::size_t k = 0; k < edges; ++k) {
    double sum = 0, squares = 0;
    for (const auto& one : all) sum += one[k];
    for (const auto& one : all) squares += (one[k] - sum / n) * (one[k] - sum / n);
    result.mean.push_back(sum / n);
    sd[k] = std::sqrt(squares / (n - 1));
  }
  // In the tails, where few replicates have any rows, a standard deviation says little.
  const auto furthest = [&](const std::vector<double>& one) {
    double most = 0;
    for (std::size_t k = 0; k < edges; ++k) {
      if (result.mean[k] < 0.01 || result.mean[k] > 0.99 || !(sd[k] > 0)) continue;
      most = std::max(most, std::abs(one[k] - result.mean[k]) / sd[k]);
    }
    return most;
  };
  std::vector<double> reaches;
  for (const auto& one : all) reaches.push_back(furthest(one));
  std::ranges::sort(reaches);
  result.reach = quantile(reaches, 0.95);
  result.furthest = furthest(result.data);
  for (std::size_t k = 0; k < edges; ++k) {
    result.data[k] -= result.mean[k];
    result.low.push_back(-result.reach * sd[k]);
    result.high.push_back(result.reach * sd[k]);
  }
  return result;
}

void add_difference_figure(const Design& design, const Replicated& replicated,
                           const Differences& found, Report& report) {
  FigureData band{"band",
                  {{"response", {}, {}}, {"lower", {}, {}}, {"upper", {}, {}}, {"data", {}, {}}}};
  for (const std::size_t k : shown_edges(replicated.grid)) {
    band.columns[0].numbers.push_back(replicated.grid.edge(k));
    band.columns[1].numbers.push_back(found.low[k]);
    band.columns[2].numbers.push_back(found.high[k]);
    band.columns[3].numbers.push_back(found.data[k]);
  }
  report.add(Figure{
      .name = "ecdf_difference",
      .title = fmt::format("Difference of the distribution functions of {} and of replicates",
                           design.response),
      .caption = fmt::format("Line: the share of rows up to each value, less the mean share "
                             "in {} replicates. Band: 95 "
                             "% of the replicates stay inside it everywhere. Where the line "
                             "climbs out of the band the "
                             "data have more rows than the model makes.",
                             replicated.replicates.size()),
      .specification = with_words(figures::ecdf_difference, {{"response", design.response}}),
      .data = {std::move(band)}});
}

}  // namespace

void add_curves(const Fit& fit, const Replicated& replicated, Report& report) {
  const Design& design = fit.model->design;
  if (replicated.kind == ResponseKind::binary || replicated.kind == ResponseKind::category) {
    return;  // shares say it all
  }
  const Differences found = differences(replicated);
  if (found.furthest > found.reach) {
    report.add(
        {Finding::Level::note,
         fmt::format("the distribution of {} leaves the band that 95 % of the replicates stay "
                     "in: {} (figure ecdf_difference of tarn report shows where)",
                     design.response, shape_advice(design))});
  }
  if (!fit.wants_figures) return;
  if (is_whole(replicated.kind)) return add_difference_figure(design, replicated, found, report);
  // Silverman's rule (1986, eq. 3.31), with the data's bandwidth for all.
  const double n = static_cast<double>(design.rows->count());
  const double bandwidth =
      std::max(0.9 * replicated.data.of(Statistic::sd) * std::pow(n, -0.2), replicated.grid.width);
  const std::string curves = fmt::format(
      "Thin lines: {} responses drawn from the posterior, of {} that were drawn. Thick line: the "
      "data.",
      std::min(most_curves, replicated.replicates.size()), replicated.replicates.size());
  report.add(Figure{
      .name = "density_overlay",
      .title = fmt::format("{}: data and replicates", design.response),
      .caption = curves + " A model that fits makes data like these; all have one bandwidth.",
      .specification = with_words(figures::density_overlay, {{"response", design.response}}),
      .data = overlay(replicated, "density",
                      [&](const Shape& shape) { return shape.density(bandwidth); })});
  report.add(Figure{
      .name = "ecdf_overlay",
      .title = fmt::format("{}: distribution functions of data and replicates", design.response),
      .caption = curves,
      .specification = with_words(figures::ecdf_overlay, {{"response", design.response}}),
      .data = overlay(replicated, "share", [](const Shape& shape) { return shape.ecdf(); })});
  add_difference_figure(design, replicated, found, report);
}

}  // namespace tarn::predictive_check
