// Pareto k of every unit, with the limits.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "figures.hpp"
#include "judged.hpp"

namespace tarn::information {
namespace {

constexpr std::size_t most_shown = 2000;
constexpr double doubtful = 0.5;

/// All units, or the doubtful ones and every so many-th of the others.
std::vector<std::size_t> shown(const Judged& judged) {
  const std::size_t n = judged.units.size();
  std::vector<std::size_t> chosen;
  if (n > most_shown) {
    chosen = judged.above(doubtful);
    if (chosen.size() > most_shown / 2) chosen.resize(most_shown / 2);
  }
  const std::size_t step = (n + most_shown - 1) / most_shown;
  for (std::size_t i = 0; i < n; i += step) chosen.push_back(i);
  std::ranges::sort(chosen);
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

}  // namespace

void add_figure(const Judged& judged, std::size_t number, Report& report) {
  const std::vector<std::size_t> chosen = shown(judged);
  FigureColumn place{"number"}, label{judged.rows() ? "row" : "group"}, k{"pareto_k"}, elpd{"elpd"},
      judgement{"judgement"};
  for (const std::size_t i : chosen) {
    place.numbers.push_back(judged.rows() ? std::stod(judged.labels[i])
                                          : static_cast<double>(i + 1));
    label.texts.push_back(judged.labels[i]);
    k.numbers.push_back(judged.units[i].pareto_k);
    elpd.numbers.push_back(judged.units[i].elpd_loo);
    judgement.texts.push_back(judged.units[i].pareto_k > judged.threshold ? "bad" : "good");
  }
  const std::string unit = judged.rows() ? "row of the data" : "level of " + judged.grouping;
  std::string caption = fmt::format(
      "How far each {} can be left out by importance sampling. Below {:.2f} its figure can be "
      "trusted; above (triangles) it is too influential, above 1 its figure means nothing.",
      judged.rows() ? "row" : "group", judged.threshold);
  if (chosen.size() < judged.units.size()) {
    caption +=
        fmt::format(" Shown are {} of {}: the largest k, and every so many-th of the others.",
                    chosen.size(), judged.count(judged.units.size()));
  }
  report.add(Figure{
      .name = judged.rows() ? "pareto_k" : fmt::format("pareto_k_groups_{}", number),
      .title = judged.rows() ? "Leave-one-out: Pareto k by row"
                             : fmt::format("Leave-one-group-out: Pareto k by {}", judged.grouping),
      .caption = std::move(caption),
      .specification = with_words(figures::pareto_k, {{"unit", unit}}),
      .data = {
          {"units", {place, label, k, elpd, judgement}},
          {"thresholds",
           {{"pareto_k", {judged.threshold, 1.0}},
            {"meaning",
             {},
             {fmt::format("{:.2f}: trusted below", judged.threshold), "1: meaningless above"}}}}}});
}

}  // namespace tarn::information
