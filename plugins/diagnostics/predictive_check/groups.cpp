// Means and standard deviations of groups among those of replicates.
#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "comparison.hpp"
#include "figures.hpp"
#include "parts.hpp"
#include "quantities.hpp"

namespace tarn::predictive_check {
namespace {

struct GroupComparison {
  std::size_t level;
  Comparison comparison;
};

/// Levels whose statistic is a number, with how far out the data are.
template <class Of>
std::vector<GroupComparison> compare_groups(const Replicated& replicated, std::size_t levels,
                                            const Of& of) {
  std::vector<GroupComparison> all;
  for (std::size_t level = 0; level < levels; ++level) {
    const double data = of(replicated.data, level);
    if (std::isnan(data)) continue;
    std::vector<double> values;
    for (const Shape& shape : replicated.replicates) values.push_back(of(shape, level));
    all.push_back({level, compare(data, std::move(values))});
  }
  return all;
}

/// Where every group left its interval once in twenty by chance, so many would do so at most, but
/// for once in a thousand data sets.
std::size_t most_outside(std::size_t groups) {
  using boost::math::binomial;
  return static_cast<std::size_t>(
      quantile(complement(binomial(static_cast<double>(groups), 0.05), 0.001)));
}

void add_group_finding(const std::string& what, const std::string& grouping,
                       const std::vector<GroupComparison>& all, const std::string& advice,
                       Report& report) {
  if (all.empty()) return;
  const auto outside = as_size(std::ranges::count_if(
      all, [](const GroupComparison& group) { return group.comparison.tail() < 0.025; }));
  if (outside <= most_outside(all.size())) return;
  report.add({Finding::Level::note,
              fmt::format("{} of {} groups of '{}' have a {} outside the interval that holds 95 % "
                          "of the replicates: {}",
                          outside, all.size(), grouping, what, advice)});
}

/// A factor's name need not be one for files: then its number stands for it.
std::string figure_name(const Grouping& factor, std::size_t number) {
  const std::string name = factor.variable();
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return plain ? "group_means_" + name : fmt::format("group_means_{}", number + 1);
}

void add_group_figure(const Design& design, std::size_t grouping,
                      const std::vector<GroupComparison>& means, std::size_t replicates,
                      Report& report) {
  constexpr std::size_t most = 60;
  const Grouping& factor = design.groupings[grouping];
  // Every k-th in the order of the data's means, so that all of their range is shown.
  std::vector<GroupComparison> sorted = means;
  std::ranges::sort(sorted, {}, [](const GroupComparison& g) { return g.comparison.data; });
  const std::size_t shown = std::min(most, sorted.size());
  FigureData data{"groups",
                  {{"group", {}, {}},
                   {"data", {}, {}},
                   {"replicates", {}, {}},
                   {"lower", {}, {}},
                   {"upper", {}, {}},
                   {"p", {}, {}}}};
  for (std::size_t k = 0; k < shown; ++k) {
    const GroupComparison& group = sorted[(2 * k + 1) * sorted.size() / (2 * shown)];
    const Comparison& c = group.comparison;
    data.columns[0].texts.push_back(factor.levels[group.level]);
    data.columns[1].numbers.push_back(c.data);
    data.columns[2].numbers.push_back(c.mean);
    data.columns[3].numbers.push_back(c.lower);
    data.columns[4].numbers.push_back(c.upper);
    data.columns[5].numbers.push_back(c.p);
  }
  const std::string left_out =
      shown < sorted.size()
          ? fmt::format(" {} of {} groups are shown, evenly spaced in the order of their means.",
                        shown, sorted.size())
          : std::string();
  report.add(Figure{
      .name = figure_name(factor, grouping),
      .title =
          fmt::format("Mean {} by {}, in the data and in replicates", design.response, factor.name),
      .caption =
          fmt::format("Line: the interval that holds 95 % of {} replicated means. Point: the "
                      "mean in the data. About one point in twenty may lie outside.{}",
                      replicates, left_out),
      .specification = with_words(figures::group_means,
                                  {{"response", design.response}, {"grouping", factor.name}}),
      .data = {std::move(data)}});
}

}  // namespace

void add_groups(const Fit& fit, const Replicated& replicated, std::size_t worst, Report& report) {
  const Design& design = fit.model->design;
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    const Grouping& factor = design.groupings[g];
    const auto means = compare_groups(
        replicated, replicated.data.levels(g),
        [g](const Shape& shape, std::size_t level) { return shape.group_mean(g, level); });
    // The spread of zeros and ones is their mean's.
    const bool has_spread =
        replicated.kind != ResponseKind::binary && replicated.kind != ResponseKind::category;
    const auto sds = compare_groups(
        replicated, has_spread ? replicated.data.levels(g) : 0,
        [g](const Shape& shape, std::size_t level) { return shape.group_sd(g, level); });
    add_group_finding("mean", factor.name, means,
                      "the groups differ by more than the priors or the normal distribution of "
                      "their effects allow; look for a covariate of the groups",
                      report);
    add_group_finding("standard deviation", factor.name, sds, spread_advice(design, factor.name),
                      report);
    for (const auto& [what, all] : {std::pair("means", &means), std::pair("sds", &sds)}) {
      if (all->empty()) continue;
      std::vector<GroupComparison> sorted = *all;
      std::ranges::stable_sort(sorted, {},
                               [](const GroupComparison& c) { return c.comparison.tail(); });
      sorted.resize(std::min(worst, sorted.size()));
      ReportTable table{
          fmt::format("group_{}({})", what, factor.name), comparison_columns(), {}, {}};
      table.title = fmt::format("Groups of {} with the most extreme {}", factor.name, what);
      for (const GroupComparison& group : sorted) {
        add_row(table, factor.levels[group.level], group.comparison);
      }
      report.add(std::move(table));
    }
    if (fit.wants_figures && !means.empty()) {
      add_group_figure(design, g, means, replicated.replicates.size(), report);
    }
  }
}

}  // namespace tarn::predictive_check
