// Figures of shrinkage: by group (caterpillar), and in the plane of two columns.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "figures.hpp"
#include "pictures.hpp"
#include "tarn/index.hpp"

namespace tarn::pooling {
namespace {

constexpr std::size_t most_groups = 60;
constexpr std::size_t most_in_plane = 300;

/// Letters, digits and underscores.
std::string file_name(std::string_view kind, const Groups& groups, std::size_t term) {
  return fmt::format("{}_{}_{}", kind, groups.grouping + 1, term + 1);
}

/// Groups by the posterior mean of a term, the lowest first.
std::vector<std::size_t> by_partial(const Term& term) {
  std::vector<std::size_t> order(as_size(term.partial.size()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return term.partial[as_index(a)] < term.partial[as_index(b)];
  });
  return order;
}

/// All, or a third each of the lowest, the highest, and evenly those between.
std::vector<std::size_t> chosen(const std::vector<std::size_t>& order) {
  const std::size_t n = order.size();
  if (n <= most_groups) return order;
  constexpr std::size_t third = most_groups / 3;
  std::vector<std::size_t> some(order.begin(), order.begin() + third);
  for (const std::size_t i : evenly(n - 2 * third, third)) some.push_back(order[third + i]);
  some.insert(some.end(), order.end() - third, order.end());
  return some;
}

FigureColumn numbers(const std::string& name, const Vector& values,
                     const std::vector<std::size_t>& rows) {
  FigureColumn column{name};
  for (const std::size_t j : rows) column.numbers.push_back(values[as_index(j)]);
  return column;
}

FigureColumn labels(const Groups& groups, const std::vector<std::size_t>& rows) {
  FigureColumn column{"group"};
  for (const std::size_t j : rows) column.texts.push_back(groups.levels[j]);
  return column;
}

}  // namespace

std::vector<std::size_t> evenly(std::size_t count, std::size_t most) {
  std::vector<std::size_t> some(std::min(count, most));
  for (std::size_t i = 0; i < some.size(); ++i) {
    some[i] = some.size() == 1 ? 0 : i * (count - 1) / (some.size() - 1);
  }
  return some;
}

void add_caterpillar(const Groups& groups, std::size_t number, const std::string& response,
                     Report& report) {
  const Term& term = groups.terms[number];
  const std::vector<std::size_t> rows = chosen(by_partial(term));
  std::string caption = fmt::format(
      "Each {0} from its own {1} (circle, its size the number of rows) to its posterior mean with "
      "95 % interval (dot). Groups of few rows move most towards the population; the rule is "
      "complete pooling, {1} without groups.",
      groups.name, groups.method);
  if (term.none.hasNaN()) {
    caption +=
        groups.method == "least squares"
            ? " A group without a circle has too few rows, or too few different ones, to be "
              "fitted alone."
            : " A group without a circle has too few rows, or too few different ones, to be fitted "
              "alone, or nothing but zeros or ones.";
  }
  if (rows.size() < groups.levels.size()) {
    caption += fmt::format(
        " Shown are {0} of {1} groups: the {2} lowest, the {2} highest, and {2} evenly between.",
        rows.size(), groups.levels.size(), most_groups / 3);
  }
  const bool intercept = term.column == "Intercept";
  const std::string effect = intercept ? "intercept" : "slope of " + term.column;
  report.add(Figure{
      .name = file_name("shrinkage", groups, number),
      .title = fmt::format("{} by {}: from no pooling to partial pooling",
                           intercept ? "Intercept" : "Slope of " + term.column, groups.name),
      .caption = std::move(caption),
      .specification = with_words(figures::shrinkage, {{"effect", effect}, {"response", response}}),
      .data = {{"groups",
                {labels(groups, rows), numbers("n", groups.count, rows),
                 numbers("no_pooling", term.none, rows), numbers("partial", term.partial, rows),
                 numbers("lower", term.lower, rows), numbers("upper", term.upper, rows),
                 numbers("shrinkage", term.shrinkage, rows)}},
               {"complete", {{"complete", {term.complete}}}}}});
}

void add_plane(const Groups& groups, const std::string& response, Report& report) {
  if (groups.terms.size() < 2) return;
  const Term& x = groups.terms[0];
  const Term& y = groups.terms[1];
  std::vector<std::size_t> rows;
  for (const std::size_t j : evenly(groups.levels.size(), most_in_plane)) rows.push_back(j);
  std::string caption = fmt::format(
      "Each line leads from a group's own {} (circle) to its posterior mean (dot). The cross is "
      "complete pooling. Slanted lines show the correlation of the effects.",
      groups.method);
  if (rows.size() < groups.levels.size()) {
    caption += fmt::format(" Shown are {} of {} groups.", rows.size(), groups.levels.size());
  }
  const auto axis = [&](const Term& term) {
    return term.column == "Intercept" ? "intercept of " + response
                                      : "slope of " + response + " on " + term.column;
  };
  report.add(Figure{
      .name = file_name("shrinkage_plane", groups, 0),
      .title = fmt::format("{} and {} by {}: from no pooling to partial pooling", x.column,
                           y.column, groups.name),
      .caption = std::move(caption),
      .specification = with_words(figures::shrinkage_plane, {{"x", axis(x)}, {"y", axis(y)}}),
      .data = {{"groups",
                {labels(groups, rows), numbers("n", groups.count, rows),
                 numbers("x_alone", x.none, rows), numbers("y_alone", y.none, rows),
                 numbers("x_partial", x.partial, rows), numbers("y_partial", y.partial, rows)}},
               {"complete", {{"x", {x.complete}}, {"y", {y.complete}}}}}});
}

}  // namespace tarn::pooling
