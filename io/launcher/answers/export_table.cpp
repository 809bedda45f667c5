// One table of cells, written as Markdown or as LaTeX.
#include "answers/export_table.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "report/numbers.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

struct PaperTable {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // the first cell is a name
  std::string foot;
};

std::string numbers_of(const Estimate& estimate, double x) {
  return number_text(x, supported_decimals(estimate.mcse));
}

std::string in_brackets(const Estimate& estimate) {
  return fmt::format("{} [{}, {}]", numbers_of(estimate, estimate.mean),
                     numbers_of(estimate, estimate.lower), numbers_of(estimate, estimate.upper));
}

PaperTable cells_of(const std::vector<TableFit>& fits, const Interval& interval) {
  PaperTable cells{{"parameter"}, {}, {}};
  if (fits.size() == 1) {
    cells.head.insert(cells.head.end(),
                      {"mean", "sd", interval.lower_name(), interval.upper_name()});
    const TableFit& fit = fits.front();
    for (std::size_t k = 0; k < fit.names.size(); ++k) {
      const Estimate& one = fit.estimates[k];
      cells.rows.push_back({fit.names[k], numbers_of(one, one.mean), numbers_of(one, one.sd),
                            numbers_of(one, one.lower), numbers_of(one, one.upper)});
    }
  } else {
    std::vector<std::string> names;
    for (const TableFit& fit : fits) {
      cells.head.push_back(fit.title);
      for (const std::string& name : fit.names) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
      }
    }
    for (const std::string& name : names) {
      std::vector<std::string> row{name};
      for (const TableFit& fit : fits) {
        const auto at = std::ranges::find(fit.names, name);
        row.push_back(at == fit.names.end()
                          ? ""
                          : in_brackets(fit.estimates[as_size(at - fit.names.begin())]));
      }
      cells.rows.push_back(std::move(row));
    }
  }
  cells.foot =
      fmt::format("Posterior means{}; {:g} % equal-tailed intervals",
                  fits.size() == 1 ? " and standard deviations" : "", 100 * interval.probability);
  for (const TableFit& fit : fits) {
    cells.foot += fmt::format("; {}: {}, {}", fit.title, count_of(fit.rows_used, "row"),
                              count_of(fit.draws, "draw"));
  }
  cells.foot += ".";
  return cells;
}

std::string escaped_markdown(const std::string& text) {
  std::string result;
  for (const char c : shown(text)) {
    if (std::string_view("\\`*_{}[]<>#|").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string escaped_latex(const std::string& text) {
  std::string result;
  for (const char c : shown(text)) {
    switch (c) {
      case '\\':
        result += "\\textbackslash{}";
        break;
      case '^':
        result += "\\textasciicircum{}";
        break;
      case '~':
        result += "\\textasciitilde{}";
        break;
      case '|':
        result += "\\textbar{}";
        break;
      case '<':
        result += "\\textless{}";
        break;
      case '>':
        result += "\\textgreater{}";
        break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        result += '\\';
        [[fallthrough]];
      default:
        result += c;
    }
  }
  return result;
}

/// A minus sign where a number begins with a hyphen.
std::string latex_number(const std::string& text) {
  std::string result;
  for (std::size_t k = 0; k < text.size(); ++k) {
    const bool begins = k == 0 || text[k - 1] == ' ' || text[k - 1] == '[';
    result += text[k] == '-' && begins && k + 1 < text.size() ? "$-$" : std::string(1, text[k]);
  }
  return result;
}

}  // namespace

std::string markdown_table(const std::vector<TableFit>& fits, const Interval& interval) {
  const PaperTable cells = cells_of(fits, interval);
  std::string text;
  const auto line = [&](const std::vector<std::string>& row, bool head) {
    for (std::size_t k = 0; k < row.size(); ++k) {
      text += "| " + (k == 0 || head ? escaped_markdown(row[k]) : row[k]) + " ";
    }
    text += "|\n";
  };
  line(cells.head, true);
  text += "|---|";
  for (std::size_t k = 1; k < cells.head.size(); ++k) text += "---:|";
  text += '\n';
  for (const auto& row : cells.rows) line(row, false);
  return text + '\n' + escaped_markdown(cells.foot) + '\n';
}

std::string latex_table(const std::vector<TableFit>& fits, const Interval& interval) {
  const PaperTable cells = cells_of(fits, interval);
  std::string text =
      fmt::format("% \\usepackage{{booktabs}}\n\\begin{{tabular}}{{l{}}}\n\\toprule\n",
                  std::string(cells.head.size() - 1, 'r'));
  const auto line = [&](const std::vector<std::string>& row, bool head) {
    for (std::size_t k = 0; k < row.size(); ++k) {
      text +=
          (k == 0 ? "" : " & ") + (k == 0 || head ? escaped_latex(row[k]) : latex_number(row[k]));
    }
    text += " \\\\\n";
  };
  line(cells.head, true);
  text += "\\midrule\n";
  for (const auto& row : cells.rows) line(row, false);
  return text + fmt::format(
                    "\\bottomrule\n\\multicolumn{{{}}}{{l}}{{\\footnotesize {}}}\n"
                    "\\end{{tabular}}\n",
                    cells.head.size(), escaped_latex(cells.foot));
}

}  // namespace tarn::launcher
