// Figures of answers.
#include "answers/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/algorithm/string/join.hpp>

#include "data/formula/language/node.hpp"
#include "figures.hpp"
#include "pages/files.hpp"
#include "report/figure_json.hpp"
#include "report/html/page.hpp"
#include "report/html/scripts.hpp"
#include "report/numbers.hpp"
#include "report/shown.hpp"
#include "tarn/io/table_writer.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_points = 2000;  // of the data, in a figure
constexpr std::size_t label_width = 40;

std::string caption_of(const AnswerTable& table, const Interval& interval) {
  std::string caption = fmt::format("Means and {:g} % intervals.", 100 * interval.probability);
  for (const std::string& note : table.notes) caption += " " + note + ".";
  return caption;
}

/// Series and panel of a row of the table: the second axis, and all further ones.
std::pair<std::string, std::string> series_and_panel(const std::vector<std::string>& cells,
                                                     const std::vector<GridAxis>& axes) {
  std::vector<std::string> panel;
  for (std::size_t k = 2; k < axes.size(); ++k) {
    panel.push_back(axes[k].column + " = " + cells[k]);
  }
  return {cells.size() > 1 ? cells[1] : std::string(), boost::algorithm::join(panel, ", ")};
}

struct CurveColumns {
  FigureColumn kind{.name = "kind"}, panel{.name = "panel"}, series{.name = "series"};
  FigureColumn x{.name = "x"}, y{.name = "y"}, lower{.name = "lower"}, upper{.name = "upper"};

  void add(const std::string& what, std::pair<std::string, std::string> place, double at,
           double mean, double from, double to) {
    kind.texts.push_back(what);
    series.texts.push_back(std::move(place.first));
    panel.texts.push_back(std::move(place.second));
    x.numbers.push_back(at);
    y.numbers.push_back(mean);
    lower.numbers.push_back(from);
    upper.numbers.push_back(to);
  }

  FigureData data() && {
    series.texts = shown_names(series.texts, label_width);
    return {"curves",
            {std::move(kind), std::move(panel), std::move(series), std::move(x), std::move(y),
             std::move(lower), std::move(upper)}};
  }
};

/// The panel of a row of the data; nothing where it has none of the values that panels are for.
std::optional<std::string> panel_of_row(const Table& table, std::size_t row,
                                        const std::vector<GridAxis>& axes) {
  std::vector<std::string> panel;
  for (std::size_t k = 2; k < axes.size(); ++k) {
    const Column& column = table.at(axes[k].column);
    if (column.is_text && column.codes[row] < 0) return std::nullopt;
    const std::string value = column.is_text ? column.levels[as_size(column.codes[row])]
                                             : formula::number_text(column.numbers[row]);
    if (std::ranges::find(axes[k].texts, value) == axes[k].texts.end()) return std::nullopt;
    panel.push_back(axes[k].column + " = " + value);
  }
  return boost::algorithm::join(panel, ", ");
}

void add_data_rows(const LoadedFit& fit, const GridQuestion& question, const Effect& effect,
                   CurveColumns& columns) {
  const io::FitData& data = fit.data();
  if (!question.response || fit.design().has_trials || !question.original.empty()) return;
  const Column& x = data.table.at(effect.axes.front().column);
  const std::size_t rows = data.table.rows;
  const std::size_t stride = (rows + most_points - 1) / most_points;
  for (std::size_t row = 0; row < rows; row += std::max<std::size_t>(1, stride)) {
    const auto panel = panel_of_row(data.table, row, effect.axes);
    if (!panel) continue;
    const double none = std::nan("");
    columns.add("row", {std::string(), *panel}, x.numbers[row], data.observed[as_index(row)], none,
                none);
  }
}

}  // namespace

Figure estimates_figure(const AnswerTable& table, const Interval& interval) {
  FigureColumn what{.name = "what"}, mean{.name = "mean"}, lower{.name = "lower"},
      upper{.name = "upper"};
  for (const AnswerRow& row : table.rows) {
    if (!row.missing.empty()) continue;
    what.texts.push_back(boost::algorithm::join(row.cells, ", "));
    mean.numbers.push_back(row.value.mean);
    lower.numbers.push_back(row.value.lower);
    upper.numbers.push_back(row.value.upper);
  }
  what.texts = shown_names(what.texts, label_width);
  return {"estimates",
          table.title,
          caption_of(table, interval),
          with_words(figures::estimates, {{"quantity", table.title}}),
          {{"estimates", {std::move(what), std::move(mean), std::move(lower), std::move(upper)}}}};
}

Figure effect_figure(const LoadedFit& fit, const GridQuestion& question, const Effect& effect) {
  if (!effect.curve) return estimates_figure(effect.table, question.interval);
  CurveColumns columns;
  add_data_rows(fit, question, effect, columns);
  const GridAxis& first = effect.axes.front();
  const std::size_t others = effect.table.rows.size() / first.size();
  for (std::size_t row = 0; row < effect.table.rows.size(); ++row) {
    const AnswerRow& answer = effect.table.rows[row];
    if (!answer.missing.empty()) continue;
    auto place = series_and_panel(answer.cells, effect.axes);
    if (effect.axes.size() < 2) place.first = quantity_text(fit, question);
    columns.add("curve", std::move(place), first.numbers[row / others], answer.value.mean,
                answer.value.lower, answer.value.upper);
  }
  return {"effect",
          effect.table.title,
          caption_of(effect.table, question.interval),
          with_words(figures::effect_curve,
                     {{"x", first.column},
                      {"response", quantity_text(fit, question)},
                      {"series", effect.axes.size() > 1 ? effect.axes[1].column : std::string()}}),
          {std::move(columns).data()}};
}

}  // namespace tarn::launcher
