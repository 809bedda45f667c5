// Writes the page as semantic HTML, readable without scripts, style and colours.
#include "report/html/page.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "look.hpp"
#include "report/figure_json.hpp"
#include "report/html/escape.hpp"
#include "report/numbers.hpp"
#include "report/shown.hpp"
#include "report/summary_table.hpp"
#include "tarn/error.hpp"

namespace tarn::html {
namespace {

constexpr std::size_t open_rows = 30;      // longer tables are folded
constexpr std::size_t longest_name = 200;  // of a row's name

constexpr const char* levels[] = {"good", "note", "bad"};
constexpr const char* marks[] = {"✓", "!", "✗"};

class Writer {
 public:
  explicit Writer(const Scripts& scripts) : has_scripts_(!scripts.code.empty()) {}

  std::string body(const Page& page) {
    std::string main;
    for (const std::string& notice : page.notices) main += notice_of(notice);
    for (const Section& section : page.comparison) main += section_of(section, "compare-", 2);
    const bool several = page.fits.size() > 1;
    for (std::size_t k = 0; k < page.fits.size(); ++k) {
      main += fit(page.fits[k], several ? fmt::format("fit{}-", k + 1) : "", several);
    }
    return fmt::format(
        "<a class=\"skip\" href=\"#report\">Skip to the report</a>\n"
        "<nav aria-label=\"Contents\"><h2>Contents</h2>\n<ol>\n{}</ol></nav>\n"
        "<main id=\"report\">\n<h1>{}</h1>\n{}</main>\n",
        contents_, escaped(page.title), main);
  }

 private:
  std::string heading(int level, const std::string& id, const std::string& text) {
    contents_ += fmt::format("<li class=\"level{}\"><a href=\"#{}\">{}</a></li>\n", level, id,
                             escaped(text));
    return fmt::format("<h{0} id=\"{1}\">{2}</h{0}>\n", level, id, escaped(text));
  }

  static std::string notice_of(const std::string& text) {
    return fmt::format("<p class=\"notice\" role=\"note\">{}</p>\n", escaped(text));
  }

  std::string fit(const FitPart& part, const std::string& prefix, bool several) {
    const int level = several ? 3 : 2;
    std::string text = several ? heading(2, prefix + "fit", part.title) : "";
    for (const std::string& notice : part.notices) text += notice_of(notice);
    text += verdict(part, prefix, level);
    text += "<section>\n" + heading(level, prefix + "card", "The fit") + "<dl class=\"card\">\n";
    for (const auto& [term, description] : part.card) {
      text +=
          fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(term), escaped(description));
    }
    text += "</dl>\n";
    for (const PageTable& table : part.tables) text += table_of(table);
    text += "</section>\n";
    for (const Section& section : part.sections) text += section_of(section, prefix, level);
    if (part.left_out.empty()) return text;
    text += "<section>\n" + heading(level, prefix + "left-out", "Not in this report") + "<ul>\n";
    for (const std::string& what : part.left_out) text += "<li>" + escaped(what) + "</li>\n";
    return text + "</ul>\n</section>\n";
  }

  /// The findings of all sections, the worst first, each with the way to its section.
  std::string verdict(const FitPart& part, const std::string& prefix, int level) {
    std::vector<Finding> all;
    std::string lists[3];
    for (const Section& section : part.sections) {
      for (const Finding& finding : section.findings) {
        all.push_back(finding);
        const auto k = static_cast<std::size_t>(finding.level);
        lists[k] += item(finding, prefix + identifier(section.title));
      }
    }
    if (all.empty()) return "";
    const std::string word = verdict_word(all);
    std::string sentence = verdict_words(word == "bad", part.approximate);
    sentence[0] = static_cast<char>(std::toupper(sentence[0]));
    return fmt::format(
        "<section class=\"verdict {}\">\n{}<ul class=\"findings\">\n{}{}{}</ul>\n"
        "</section>\n",
        word == "bad" ? "bad" : "good", heading(level, prefix + "verdict", sentence), lists[2],
        lists[1], lists[0]);
  }

  static std::string item(const Finding& finding, const std::string& section = "") {
    const auto k = static_cast<std::size_t>(finding.level);
    const std::string way =
        section.empty() ? "" : fmt::format(" <a href=\"#{}\">details</a>", section);
    return fmt::format(
        "<li class=\"{0}\"><span class=\"level\"><span aria-hidden=\"true\">{1}</span> {0}</span> "
        "<span>{2}{3}</span></li>\n",
        levels[k], marks[k], escaped(finding.sentence), way);
  }

  std::string section_of(const Section& section, const std::string& prefix, int level) {
    const std::string id = prefix + identifier(section.title);
    std::string text = "<section>\n" + heading(level, id, section.title);
    if (!section.introduction.empty()) {
      text += fmt::format("<p class=\"introduction\">{}</p>\n", escaped(section.introduction));
    }
    for (const std::string& remark : section.remarks) text += "<p>" + escaped(remark) + "</p>\n";
    if (!section.findings.empty()) {
      text += "<ul class=\"findings\">\n";
      for (const Finding& finding : section.findings) text += item(finding);
      text += "</ul>\n";
    }
    for (const PageTable& table : section.tables) text += table_of(table);
    for (const Figure& figure : section.figures) text += figure_of(figure, prefix, level + 1);
    return text + "</section>\n";
  }

  std::string table_of(const PageTable& table) const {
    const std::size_t rows = table.table.rows().size();
    std::string text = "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"" +
                       escaped(table.caption) + "\">\n<table>\n<caption>" + escaped(table.caption) +
                       "</caption>\n<thead><tr>";
    const auto& columns = table.table.columns();
    for (const TextTable::Column& column : columns) {
      text += fmt::format("<th scope=\"col\"{}>{}</th>",
                          column.align == TextTable::Align::left ? "" : " class=\"number\"",
                          escaped(column.title));
    }
    text += "</tr></thead>\n<tbody>\n";
    const std::vector<std::size_t> decimals = decimals_of(table.table);
    std::vector<std::string> names;
    for (const auto& row : table.table.rows()) names.push_back(row.front());
    names = shown_names(names, longest_name);
    for (std::size_t r = 0; r < rows; ++r) {
      const auto& row = table.table.rows()[r];
      text += "<tr><th scope=\"row\">" + escaped(names[r]) + "</th>";
      for (std::size_t c = 1; c < row.size(); ++c) {
        text += columns[c].align == TextTable::Align::left
                    ? "<td>" + escaped(row[c]) + "</td>"
                    : "<td class=\"number\">" + padded(row[c], decimals[c]) + "</td>";
      }
      text += "</tr>\n";
    }
    text += "</tbody>\n</table>\n</div>\n";
    if (!table.note.empty()) text += "<p class=\"remark\">" + escaped(table.note) + "</p>\n";
    if (rows <= open_rows) return text;
    return fmt::format("<details>\n<summary>{}: {}</summary>\n{}</details>\n",
                       escaped(table.caption), count_of(rows, "row"), text);
  }

  static std::size_t decimals_in(const std::string& cell) {
    const std::size_t point = cell.find('.');
    return point == cell.npos ? 0 : cell.size() - point;
  }

  static std::vector<std::size_t> decimals_of(const TextTable& table) {
    std::vector<std::size_t> most(table.columns().size(), 0);
    for (std::size_t c = 0; c < most.size(); ++c) {
      if (table.columns()[c].align != TextTable::Align::point) continue;
      for (const auto& row : table.rows()) most[c] = std::max(most[c], decimals_in(row[c]));
    }
    return most;
  }

  /// Decimal points under each other: the decimals that a number has not are there unseen.
  static std::string padded(const std::string& cell, std::size_t decimals) {
    const std::size_t missing = decimals - std::min(decimals, decimals_in(cell));
    if (missing == 0) return escaped(cell);
    std::string pad(missing, '0');
    if (missing == decimals) pad.front() = '.';
    return escaped(cell) + "<i class=\"pad\" aria-hidden=\"true\">" + pad + "</i>";
  }

  std::string figure_of(const Figure& figure, const std::string& prefix, int level) const {
    if (!has_scripts_) return "";
    std::string json;
    try {
      check(figure);
      json = embedded(compact_json(figure));
    } catch (const PluginError& error) {  // the others are shown all the same
      return fmt::format("<p class=\"remark\">A figure cannot be drawn: {}</p>\n",
                         escaped(error.what()));
    }
    const std::string label = escaped(figure.title + ". " + figure.caption);
    return fmt::format(
        "<figure data-name=\"{0}\" id=\"{1}figure-{0}\">\n<h{2}>{3}</h{2}>\n"
        "<div class=\"drawing\" role=\"img\" aria-label=\"{4}\"></div>\n"
        "<figcaption>{5}</figcaption>\n"
        "<noscript><p class=\"remark\">This figure is drawn by a script, which this browser does "
        "not run.</p></noscript>\n"
        "<div class=\"save\" hidden>Save: "
        "<button type=\"button\" data-save=\"svg\">SVG</button> "
        "<button type=\"button\" data-save=\"png\">PNG</button> "
        "<button type=\"button\" data-save=\"data\">data (CSV)</button> "
        "<button type=\"button\" data-save=\"specification\">specification (Vega-Lite)</button>"
        "</div>\n<script type=\"application/json\">{6}</script>\n</figure>\n",
        figure.name, prefix, level, escaped(figure.title), label, escaped(figure.caption), json);
  }

  bool has_scripts_;
  std::string contents_;
};

/// Nothing may be fetched; of scripts only ours may run. Style attributes are what SVG and tooltips
/// are drawn with.
std::string policy(const Scripts& scripts) {
  const std::string script = scripts.code.empty() ? "'none'" : "'sha256-" + scripts.sha256 + "'";
  return "default-src 'none'; script-src " + script +
         "; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";
}

}  // namespace

std::string page(const Page& page, const Scripts& scripts) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
      policy(scripts), escaped(page.title), look::style);
  text += Writer(scripts).body(page);
  text += "<footer>" + escaped(page.footer) + "</footer>\n";
  if (!scripts.code.empty()) {
    text += "<script type=\"application/json\" id=\"theme\">" + embedded(figure_themes().dump()) +
            "</script>\n<script>" + scripts.code + "</script>\n";
  }
  return text + "</body>\n</html>\n";
}

}  // namespace tarn::html
