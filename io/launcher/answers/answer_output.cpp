// Loads what a question is about, and writes the answer to a file.
#include "answers/answer_output.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "answers/pictures.hpp"
#include "command_line/terminal.hpp"
#include "fits/judgement.hpp"
#include "fits/unfinished.hpp"
#include "fitting/preparation.hpp"
#include "pages/files.hpp"
#include "report/figure_json.hpp"
#include "report/html/page.hpp"
#include "report/html/scripts.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/io/table_writer.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_page_rows = 500;

html::Page page_of(const AnswerTable& table, const Figure& figure, const Interval& interval) {
  TextTable text([&] {
    std::vector<TextTable::Column> columns;
    for (const std::string& name : table.columns) columns.push_back({name});
    for (TextTable::Column& column : estimate_columns(interval, false)) {
      columns.push_back(std::move(column));
    }
    return columns;
  }());
  const std::size_t shown_rows = std::min(most_page_rows, table.rows.size());
  for (std::size_t k = 0; k < shown_rows; ++k) {
    std::vector<std::string> cells = table.rows[k].cells;
    for (std::string& cell : estimate_cells(table.rows[k].value, false)) {
      cells.push_back(std::move(cell));
    }
    text.add(std::move(cells));
  }
  html::Section section;
  section.title = table.title;
  section.remarks = table.notes;
  section.figures.push_back(figure);
  section.tables.push_back({.caption = table.title, .table = std::move(text)});
  if (shown_rows < table.rows.size()) {
    section.tables.back().note =
        fmt::format("{} more", count_of(table.rows.size() - shown_rows, "row"));
  }
  html::Page page;
  page.title = table.title;
  page.fits.push_back({.title = table.title, .sections = {std::move(section)}});
  page.footer = "Written by tarn " TARN_VERSION "; the page needs no network.";
  return page;
}

bool is_specification(const fs::path& out) { return out.string().ends_with(".vl.json"); }

/// f.csv of f.svg or f.vl.json.
fs::path beside(const fs::path& out, std::string_view end) {
  std::string stem = out.string();
  stem.resize(stem.size() - (is_specification(out) ? 8 : 4));
  return stem.append(end);
}

bool is_drawing(const fs::path& out) { return out.extension() == ".svg" || is_specification(out); }

/// Returns a remark on what could not be written.
std::string write_file(const fs::path& out, const AnswerTable& table, const Figure& figure,
                       const Interval& interval, bool force) {
  const std::string end = out.extension();
  if (end == ".csv") {
    io::write_text(out, as_csv(table, interval), force);
    return "";
  }
  if (end == ".html") {
    const html::Scripts scripts = html::installed_scripts();
    io::write_text(out, html::page(page_of(table, figure, interval), scripts), force);
    return scripts.code.empty() ? "without the figure, whose scripts were not installed with tarn"
                                : "";
  }
  const fs::path specification = beside(out, ".vl.json");
  io::write_text(specification, whole_json(figure), force);
  io::write_text(beside(out, ".csv"), as_csv(table, interval), force);
  if (is_specification(out)) return "";
  const std::string why_not = draw_figures({specification});
  return why_not.empty()
             ? ""
             : fmt::format("as {} and {}, and not as SVG, because {}", specification.string(),
                           beside(out, ".csv").string(), why_not);
}

}  // namespace

AskedFit::AskedFit(const Arguments& arguments)
    : registry(load_plugins(arguments, true)),
      fit(arguments.words().front(), registry),
      predictors(fit) {
  say_if_unfinished(fit);
}

std::string AskedFit::heading(const Interval& interval) const {
  return fmt::format("{}: {}\n", fit.path().string(),
                     launcher::heading(fit.file(), interval.probability));
}

void check_answer_output(const Arguments& arguments) {
  if (!arguments.given("output")) return;
  const fs::path out = arguments.text("output");
  if (out.extension() != ".csv" && out.extension() != ".html" && !is_drawing(out)) {
    arguments.refuse("output",
                     "its name ends in .csv (all rows), or in .html, .svg or .vl.json (a figure)");
  }
  const bool force = arguments.flag("force");
  io::check_output(out, force);
  if (!is_drawing(out)) return;
  for (const char* end : {".vl.json", ".csv"}) io::check_output(beside(out, end), force);
}

void write_answer(const Arguments& arguments, const std::string& title, const AnswerTable& table,
                  const Figure& figure, const Interval& interval) {
  const fs::path out = arguments.text("output");
  const std::string remark = write_file(out, table, figure, interval, arguments.flag("force"));
  if (arguments.flag("json") || arguments.flag("quiet")) return;
  say(fmt::format("{}: {}", title, remark.empty() ? out.string() : remark));
}

OptionGroup answer_output_options(std::string holds) {
  return {"what comes out",
          {{"output",
            "FILE",
            std::move(holds) + " (.csv), or a figure (.html, .svg, .vl.json)",
            {},
            false,
            'o'},
           {"force", {}, "replace the file if there is one"},
           json_option(),
           quiet_option()}};
}

}  // namespace tarn::launcher
