// Regression lines of single groups.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "elements.hpp"
#include "figures.hpp"
#include "pictures.hpp"
#include "tarn/statistics/quantile.hpp"

namespace tarn::pooling {
namespace {

constexpr std::size_t most_panels = 24;
constexpr std::size_t single_row_panels = 5;
constexpr std::size_t few_lines = 12;
constexpr std::size_t single_row_lines = 100;
constexpr std::size_t most_points = 60;  // in a panel
constexpr Eigen::Index grid = 11;
constexpr std::size_t rows_at_once = 4096;

/// The covariate along which lines are drawn: that of a slope that varies, or the first.
struct Covariate {
  std::string name;
  std::optional<std::size_t> coefficient;  // in X
  std::optional<std::size_t> column;       // among the factor's
};

std::optional<Covariate> covariate(const Design& design, const Groups& groups) {
  std::optional<Covariate> found;
  for (std::size_t k = 0; k < groups.terms.size() && !found; ++k) {
    const std::string& name = groups.terms[k].column;
    if (name != "Intercept") found = {name, coefficient_of(design, name), k};
  }
  if (!found) {
    const std::size_t first = design.has_intercept ? 1 : 0;
    if (design.size() > first) found = {design.coefficients[first], first, std::nullopt};
  }
  // Where x enters by other columns, too (x:z, poly(x, 2)), there is no straight line.
  for (const std::string& other : design.coefficients) {
    if (found && other != found->name && other.find(found->name) != other.npos &&
        other.find_first_of(":(") != other.npos) {
      return std::nullopt;
    }
  }
  return found;
}

/// What a panel needs of its group's rows.
struct Panel {
  std::size_t level;
  Vector x, y;       // of some rows
  Vector means;      // p: of the covariates, in the user's coordinates
  Vector own_means;  // q: of the factor's columns
};

struct Panels {
  std::vector<Panel> all;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
};

Panels read_panels(const Design& design, const Groups& groups, const Covariate& along,
                   const std::vector<std::size_t>& chosen) {
  struct Collected {
    std::vector<double> x, y;
    Vector sum, own_sum;
    std::size_t rows = 0;
  };
  const auto p = as_index(design.size());
  const auto q = as_index(groups.terms.size());
  std::vector<std::optional<std::size_t>> panel_of(groups.levels.size());
  std::vector<Collected> parts(chosen.size(), {{}, {}, Vector::Zero(p), Vector::Zero(q)});
  for (std::size_t k = 0; k < chosen.size(); ++k) panel_of[chosen[k]] = k;

  Panels panels;
  for_each_block(*design.rows, rows_at_once, [&](const Rows& rows) {
    for (std::size_t i = 0; i < rows.count(); ++i) {
      const auto row = as_index(i);
      Vector z(q);
      Eigen::Index at = 0;
      for (const std::size_t t : design.terms_on(groups.grouping)) {
        z.segment(at, rows.Z[t].cols()) = rows.Z[t].row(row).transpose();
        if (const Centering centering = design.term_centering(t); centering.moves()) {
          z.segment(at, rows.Z[t].cols()) += centering.mean;
        }
        at += rows.Z[t].cols();
      }
      const auto k = along.column ? as_index(*along.column) : 0;
      const auto c = along.coefficient ? as_index(*along.coefficient) : 0;
      const double x = along.column ? z[k] : rows.X(row, c) + design.center[c];
      panels.low = std::min(panels.low, x);
      panels.high = std::max(panels.high, x);
      const auto panel = panel_of[as_size(rows.level[groups.grouping][i])];
      if (!panel) continue;
      Collected& part = parts[*panel];
      part.sum += rows.X.row(row).transpose() + design.center;
      part.own_sum += z;
      const auto step =
          static_cast<std::size_t>(std::ceil(groups.count[as_index(chosen[*panel])] / most_points));
      if (part.rows++ % std::max<std::size_t>(1, step) != 0) continue;
      part.x.push_back(x);
      part.y.push_back(rows.y[row] - (rows.offset.size() > 0 ? rows.offset[row] : 0));
    }
  });
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const auto n = as_index(parts[k].x.size());
    const auto count = static_cast<double>(parts[k].rows);
    panels.all.push_back({chosen[k], Eigen::Map<Vector>(parts[k].x.data(), n),
                          Eigen::Map<Vector>(parts[k].y.data(), n), parts[k].sum / count,
                          parts[k].own_sum / count});
  }
  return panels;
}

/// Draws of each panel's line: base + slope x, other covariates at the group's means.
struct Lines {
  Matrix base, slope;  // draws x panels
};

Lines read_lines(const Fit& fit, const Groups& groups, const Covariate& along,
                 const std::vector<Panel>& panels) {
  const Draws& draws = fit.posterior;
  const auto S = as_index(draws.chains() * draws.draws());
  const auto G = as_index(panels.size());
  Lines lines{Matrix::Zero(S, G), Matrix::Zero(S, G)};
  for_elements(draws, *draws.layout().find("b"), [&](std::size_t element, const auto& b) {
    for (Eigen::Index g = 0; g < G; ++g) {
      const Panel& panel = panels[as_size(g)];
      if (along.coefficient == element) {
        lines.slope.col(g) += b;
      } else {
        lines.base.col(g) += panel.means[as_index(element)] * b;
      }
    }
  });
  const std::size_t q = groups.terms.size();
  Matrix r(S, as_index(q));
  for (Eigen::Index g = 0; g < G; ++g) {
    const Panel& panel = panels[as_size(g)];
    draws.read(*effects_block(fit, groups.grouping), panel.level * q, r);
    for (std::size_t k = 0; k < q; ++k) {
      const auto column = as_index(k);
      if (along.column == k) {
        lines.slope.col(g) += r.col(column);
      } else {
        lines.base.col(g) += panel.own_means[column] * r.col(column);
      }
    }
  }
  return lines;
}

/// The rows of the figure's table.
struct LineTable {
  FigureColumn group{"group"}, kind{"kind"}, line{"line"}, x{"x"}, y{"y"}, y2{"y2"};

  void add(const std::string& of, const std::string& what, std::size_t number, double at,
           double value, double second = std::numeric_limits<double>::quiet_NaN()) {
    group.texts.push_back(of);
    kind.texts.push_back(what);
    line.numbers.push_back(static_cast<double>(number));
    x.numbers.push_back(at);
    y.numbers.push_back(value);
    y2.numbers.push_back(second);
  }
};

void add_panel(LineTable& table, const std::string& name, const Panel& panel, ConstVectorRef base,
               ConstVectorRef slope, const std::pair<double, double>& ols, double low, double high,
               std::size_t lines) {
  Vector at(base.size());
  for (Eigen::Index i = 0; i < grid; ++i) {
    const double x = low + (high - low) * static_cast<double>(i) / (grid - 1);
    at = base + slope * x;
    const double lower = statistics::select_quantile(span_of(at), 0.025);
    table.add(name, "band", 0, x, lower, statistics::select_quantile(span_of(at), 0.975));
  }
  for (const std::size_t s : evenly(as_size(base.size()), lines)) {
    const auto draw = as_index(s);
    for (const double x : {low, high}) {
      table.add(name, "draw", s + 1, x, base[draw] + slope[draw] * x);
    }
  }
  for (const double x : {low, high}) {
    table.add(name, "complete", 0, x, ols.first + ols.second * x);
    table.add(name, "partial", 0, x, base.mean() + slope.mean() * x);
  }
  for (Eigen::Index i = 0; i < panel.x.size(); ++i) {
    table.add(name, "row", 0, panel.x[i], panel.y[i]);
  }
}

}  // namespace

void add_lines(const Fit& fit, const Groups& groups, ConstVectorRef ols, Report& report) {
  const Design& design = fit.model->design;
  const auto along = covariate(design, groups);
  if (!along || !effects_block(fit, groups.grouping) || !fit.posterior.layout().find("b")) return;

  // Groups from the lowest to the highest, evenly; where each row is a group, a few with more
  // lines.
  std::vector<std::size_t> order(groups.levels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const Vector& mean = groups.terms.front().partial;
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return mean[as_index(a)] < mean[as_index(b)]; });
  const bool single = groups.count.maxCoeff() <= 1;
  std::vector<std::size_t> chosen;
  for (const std::size_t i : evenly(order.size(), single ? single_row_panels : most_panels)) {
    chosen.push_back(order[i]);
  }

  const Panels panels = read_panels(design, groups, *along, chosen);
  const Lines lines = read_lines(fit, groups, *along, panels.all);
  LineTable table;
  for (std::size_t g = 0; g < panels.all.size(); ++g) {
    const Panel& panel = panels.all[g];
    const auto column = as_index(g);
    std::pair<double, double> complete{ols.dot(panel.means), 0};
    if (along->coefficient) {
      const auto k = as_index(*along->coefficient);
      complete = {complete.first - ols[k] * panel.means[k], ols[k]};
    }
    add_panel(table, groups.levels[panel.level], panel, lines.base.col(column),
              lines.slope.col(column), complete, panels.low, panels.high,
              single ? single_row_lines : few_lines);
  }
  std::string caption = fmt::format(
      "The line of each {} with 95 % band and {} draws, over its rows; dashed: least squares "
      "without groups. Other covariates are at the group's means.",
      groups.name, single ? single_row_lines : few_lines);
  if (chosen.size() < groups.levels.size()) {
    caption += fmt::format(" Shown are {} of {} groups, evenly from the lowest to the highest.",
                           chosen.size(), groups.levels.size());
  }
  report.add(Figure{
      .name = fmt::format("group_lines_{}", groups.grouping + 1),
      .title = fmt::format("Fitted lines by {}", groups.name),
      .caption = std::move(caption),
      .specification =
          with_words(figures::group_lines, {{"x", along->name}, {"response", design.response}}),
      .data = {{"lines", {table.group, table.kind, table.line, table.x, table.y, table.y2}}}});
}

}  // namespace tarn::pooling
