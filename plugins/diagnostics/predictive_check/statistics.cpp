// Test statistics: where that of the data lies among those of the replicates.
#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "figures.hpp"
#include "parts.hpp"

namespace tarn::predictive_check {
namespace {

/// Tails of a posterior predictive p-value. The data have been used to fit, so that p-values crowd
/// at 1/2 where the model is right (Gelman et al. 2013, section 6.3): a tail of 1 % is rarer than
/// that. 0.25 % is beyond all but one of 400 replicates. A normal model that misses the shape of
/// the data may still be of use; one that misses their mean or standard deviation does not describe
/// them at all.
constexpr double noted = 0.01;
constexpr double bad = 0.0025;

struct Comparison {
  double data = 0;
  double mean = 0;
  double lower = 0, upper = 0;  // 95 % of the replicates
  double p = 0;                 // share of the replicates at or above the data, ties by half

  double tail() const { return std::min(p, 1 - p); }
};

Comparison compare(double data, std::vector<double> replicates) {
  std::ranges::sort(replicates);
  const double n = static_cast<double>(replicates.size());
  Comparison result{.data = data};
  result.mean = std::accumulate(replicates.begin(), replicates.end(), 0.0) / n;
  result.lower = quantile(replicates, 0.025);
  result.upper = quantile(replicates, 0.975);
  const auto [first, last] = std::equal_range(replicates.begin(), replicates.end(), data);
  result.p =
      (static_cast<double>(replicates.end() - last) + 0.5 * static_cast<double>(last - first)) / n;
  return result;
}

const std::vector<std::string> columns{"data", "replicates", "lower", "upper", "p"};

void add_row(ReportTable& table, const std::string& label, const Comparison& c) {
  table.rows.push_back(label);
  table.values.insert(table.values.end(), {c.data, c.mean, c.lower, c.upper, c.p});
}

std::string advice(Statistic statistic, bool data_greater, bool may_be_logged, bool grouped) {
  switch (statistic) {
    case Statistic::mean:
      return "the intercept's prior may be too narrow (tarn priors)";
    case Statistic::sd:
      return "look at the priors of sigma and sd (tarn priors), and for a missing term";
    case Statistic::skewness:
      if (may_be_logged && data_greater) return "try log() of the response";
      return "a transformed response (sqrt, log, exp) may be nearer to normal";
    case Statistic::least:
    case Statistic::greatest:
      break;
  }
  if ((statistic == Statistic::greatest) != data_greater) {
    return "the response seems to be bounded or cut off there, which a normal one is not";
  }
  return fmt::format("look at those rows; try {}{}",
                     may_be_logged ? "log() of the response, or " : "",
                     grouped ? "--model group_variance, or a missing term" : "a missing term");
}

void add_figure(const Replicated& replicated, const Design& design, Report& report) {
  constexpr std::size_t bins = 24;
  FigureData data{"statistics",
                  {{"statistic", {}, {}},
                   {"kind", {}, {}},
                   {"from", {}, {}},
                   {"to", {}, {}},
                   {"replicates", {}, {}}}};
  const auto add = [&](const char* name, const char* kind, double from, double to, double count) {
    data.columns[0].texts.emplace_back(name);
    data.columns[1].texts.emplace_back(kind);
    data.columns[2].numbers.push_back(from);
    data.columns[3].numbers.push_back(to);
    data.columns[4].numbers.push_back(count);
  };
  for (std::size_t s = 0; s < statistics; ++s) {
    const auto statistic = static_cast<Statistic>(s);
    std::vector<double> values;
    for (const Shape& shape : replicated.replicates) values.push_back(shape.of(statistic));
    const auto [low, high] = std::ranges::minmax(values);
    const double width = std::max(high - low, 1e-300) / bins;
    std::vector<double> counts(bins, 0);
    for (const double value : values) {
      ++counts[std::min(bins - 1, static_cast<std::size_t>((value - low) / width))];
    }
    for (std::size_t k = 0; k < bins; ++k) {
      const double from = low + width * static_cast<double>(k);
      add(name_of(statistic), "replicates", from, from + width, counts[k]);
    }
    const double seen = replicated.data.of(statistic);
    add(name_of(statistic), "data", seen, seen, 0);
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

void add_statistics(const Fit& fit, const Replicated& replicated, Report& report) {
  const Design& design = fit.model->design;
  ReportTable table{"test_statistics", columns, {}, {}};
  table.title = "Statistics of the data among those of replicates";
  const bool may_be_logged = replicated.data.of(Statistic::least) > 0;
  bool all_good = true;
  for (std::size_t s = 0; s < statistics; ++s) {
    const auto statistic = static_cast<Statistic>(s);
    std::vector<double> values;
    for (const Shape& shape : replicated.replicates) values.push_back(shape.of(statistic));
    const Comparison c = compare(replicated.data.of(statistic), std::move(values));
    add_row(table, name_of(statistic), c);
    if (c.tail() >= noted) continue;
    all_good = false;
    const bool greater = c.p < 0.5;
    const bool basic = statistic == Statistic::mean || statistic == Statistic::sd;
    report.add(
        {basic && c.tail() < bad ? Finding::Level::bad : Finding::Level::note,
         fmt::format("the {} of {} is {:.3g}, and {} of {} replicates have {}: {}",
                     statistic == Statistic::least      ? "least value"
                     : statistic == Statistic::greatest ? "greatest value"
                                                        : name_of(statistic),
                     design.response, c.data,
                     std::lround(c.tail() * static_cast<double>(replicated.replicates.size())),
                     replicated.replicates.size(), greater ? "more" : "less",
                     advice(statistic, greater, may_be_logged, !design.groupings.empty()))});
  }
  if (all_good) {
    report.add(
        {Finding::Level::good,
         fmt::format("replicates of {} are like the data in mean, standard deviation, extremes and "
                     "skewness",
                     design.response)});
  }
  report.add(std::move(table));
  if (fit.wants_figures) add_figure(replicated, design, report);
}

void add_groups(const Fit& fit, const Replicated& replicated, std::size_t worst, Report& report) {
  const Design& design = fit.model->design;
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    const Grouping& factor = design.groupings[g];
    const auto means = compare_groups(
        replicated, replicated.data.levels(g),
        [g](const Shape& shape, std::size_t level) { return shape.group_mean(g, level); });
    const auto sds = compare_groups(
        replicated, replicated.data.levels(g),
        [g](const Shape& shape, std::size_t level) { return shape.group_sd(g, level); });
    add_group_finding("mean", factor.name, means,
                      "the groups differ by more than the priors or the normal distribution of "
                      "their effects allow; look for a covariate of the groups",
                      report);
    add_group_finding("standard deviation", factor.name, sds,
                      "the groups' residual standard deviations differ, or their slopes do; try "
                      "--model group_variance, or (1 + x | " +
                          factor.name + ")",
                      report);
    for (const auto& [what, all] : {std::pair("means", &means), std::pair("sds", &sds)}) {
      if (all->empty()) continue;
      std::vector<GroupComparison> sorted = *all;
      std::ranges::stable_sort(sorted, {},
                               [](const GroupComparison& c) { return c.comparison.tail(); });
      sorted.resize(std::min(worst, sorted.size()));
      ReportTable table{fmt::format("group_{}({})", what, factor.name), columns, {}, {}};
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
