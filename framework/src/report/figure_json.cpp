// Figures as JSON: by columns for the page, by rows for files.
#include "report/figure_json.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "look.hpp"
#include "report/shown.hpp"
#include "tarn/error.hpp"

namespace tarn {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::size_t size_of(const FigureColumn& column) {
  return std::max(column.numbers.size(), column.texts.size());
}

std::size_t rows_of(const FigureData& data) {
  return data.columns.empty() ? 0 : size_of(data.columns.front());
}

/// The distinct texts of a column, in the order of the rows.
Json levels_of(const Figure& figure, const std::string& field) {
  Json levels = Json::array();
  for (const FigureData& data : figure.data) {
    for (const FigureColumn& column : data.columns) {
      if (column.name != field) continue;
      std::set<std::string_view> seen;
      for (const std::string& text : column.texts) {
        if (seen.insert(text).second) levels.push_back(text);
      }
      return levels;
    }
  }
  return levels;
}

/// Vega-Lite sorts panels by their names where "sort" is null; we promise the order of the rows.
void sort_panels(Json& json, const Figure& figure) {
  if (!json.is_structured()) return;
  for (const char* channel : {"facet", "row", "column"}) {
    if (!json.is_object() || !json.contains(channel)) continue;
    Json& panel = json[channel];
    if (!panel.is_object() || !panel.contains("field")) continue;
    if (!panel.contains("sort") || !panel["sort"].is_null()) continue;
    panel["sort"] = levels_of(figure, panel["field"].get<std::string>());
  }
  for (Json& part : json) sort_panels(part, figure);
}

/// Words of the data stand in titles: no character of them may be hidden.
void make_visible(Json& json) {
  if (json.is_string()) json = visible(json.get<std::string>());
  if (!json.is_structured()) return;
  for (Json& part : json) make_visible(part);
}

Json parsed(const Figure& figure) {
  Json json = Json::parse(figure.specification, nullptr, false);
  if (!json.is_object()) {
    throw PluginError(
        fmt::format("the specification of figure '{}' is no JSON object", figure.name));
  }
  make_visible(json);
  sort_panels(json, figure);
  return json;
}

constexpr std::size_t longest_text = 80;  // of a text in a figure

/// The figure with texts that can be shown: Vega's expressions know no raw ends of lines, and a
/// label of ten thousand characters leaves no room. A text is the same in all tables.
Figure with_shown_texts(const Figure& figure) {
  std::vector<std::string> texts;
  const auto for_texts = [](auto& of, const auto& visit) {
    for (auto& data : of.data) {
      for (auto& column : data.columns) {
        for (auto& text : column.texts) visit(text);
      }
    }
  };
  for_texts(figure, [&](const std::string& text) { texts.push_back(text); });
  const std::vector<std::string> shown = shown_names(texts, longest_text);
  Figure result = figure;
  std::size_t next = 0;
  for_texts(result, [&](std::string& text) { text = shown[next++]; });
  return result;
}

std::string number(double x) {
  if (!std::isfinite(x)) return "null";
  const bool whole = x == std::floor(x) && std::abs(x) < 1e15;
  return whole ? fmt::format("{:.0f}", x) : fmt::format("{:.6g}", x);
}

/// Each text once, and for each row which.
void append_texts(const std::vector<std::string>& texts, std::string& out) {
  std::map<std::string_view, std::size_t> codes;
  std::string levels, rows;
  for (const std::string& text : texts) {
    const auto [at, is_new] = codes.try_emplace(text, codes.size());
    if (is_new) levels += (levels.empty() ? "" : ",") + dumped(text);
    rows += fmt::format("{}{}", rows.empty() ? "" : ",", at->second);
  }
  out += fmt::format(R"("levels":[{}],"codes":[{}])", levels, rows);
}

void append_numbers(const std::vector<double>& numbers, std::string& out) {
  out += R"("numbers":[)";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out += ',';
    out += number(numbers[i]);
  }
  out += ']';
}

Json row_of(const FigureData& data, std::size_t i) {
  Json row = Json::object();
  for (const FigureColumn& column : data.columns) {
    if (!column.texts.empty()) {
      row[column.name] = column.texts[i];
    } else if (std::isfinite(column.numbers[i])) {
      row[column.name] = column.numbers[i];
    } else {
      row[column.name] = nullptr;
    }
  }
  return row;
}

/// A text that a spreadsheet would take for a formula is marked as text.
std::string marked(const std::string& text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos
             ? "'" + text
             : text;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + '"';
}

}  // namespace

void check(const Figure& figure) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (figure.name.empty() || !std::ranges::all_of(figure.name, good)) {
    throw PluginError(fmt::format(
        "a figure is called '{}'; its name must be letters, digits and underscores", figure.name));
  }
  parsed(figure);
  for (const FigureData& data : figure.data) {
    for (const FigureColumn& column : data.columns) {
      if (size_of(column) == rows_of(data) && (column.numbers.empty() || column.texts.empty())) {
        continue;
      }
      throw PluginError(fmt::format(
          "figure '{}': column '{}' of table '{}' has {} numbers and {} texts, where the table has "
          "{} rows",
          figure.name, column.name, data.name, column.numbers.size(), column.texts.size(),
          rows_of(data)));
    }
  }
}

std::string compact_json(const Figure& original) {
  const Figure figure = with_shown_texts(original);
  std::string out = R"({"specification":)" + dumped(parsed(figure)) + R"(,"data":{)";
  for (std::size_t k = 0; k < figure.data.size(); ++k) {
    out += (k > 0 ? "," : "") + dumped(figure.data[k].name) + ":[";
    const auto& columns = figure.data[k].columns;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      out += (c > 0 ? R"(,{"name":)" : R"({"name":)") + dumped(columns[c].name) + ',';
      columns[c].texts.empty() ? append_numbers(columns[c].numbers, out)
                               : append_texts(columns[c].texts, out);
      out += '}';
    }
    out += ']';
  }
  return out + "}}";
}

std::string whole_json(const Figure& original) {
  const Figure figure = with_shown_texts(original);
  Json json = parsed(figure);
  if (!json.contains("title")) json["title"] = visible(figure.title);
  json["description"] = visible(figure.caption);
  Json config = figure_themes()["light"];
  config["background"] = "white";
  config.update(json.value("config", Json::object()), true);
  json["config"] = std::move(config);
  json["datasets"] = Json::object();
  for (const FigureData& data : figure.data) {
    Json& rows = json["datasets"][data.name] = Json::array();
    for (std::size_t i = 0; i < rows_of(data); ++i) rows.push_back(row_of(data, i));
  }
  return dumped(json, 1) + '\n';
}

std::string csv(const FigureData& data) {
  std::string out;
  for (std::size_t c = 0; c < data.columns.size(); ++c) {
    out += (c > 0 ? "," : "") + quoted(marked(data.columns[c].name));
  }
  out += '\n';
  for (std::size_t i = 0; i < rows_of(data); ++i) {
    for (std::size_t c = 0; c < data.columns.size(); ++c) {
      const FigureColumn& column = data.columns[c];
      if (c > 0) out += ',';
      if (!column.texts.empty()) {
        out += quoted(marked(column.texts[i]));
      } else if (std::isfinite(column.numbers[i])) {
        out += fmt::format("{}", column.numbers[i]);
      }
    }
    out += '\n';
  }
  return out;
}

const Json& figure_themes() {
  static const Json themes = Json::parse(look::theme);
  return themes;
}

}  // namespace tarn
