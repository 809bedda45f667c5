// A figure as data and a Vega-Lite specification: drawn by the report, Node, Altair, Observable.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn {

/// One column of a figure's data: numbers (NaN: none), or texts.
struct FigureColumn {
  std::string name;
  std::vector<double> numbers = {};
  std::vector<std::string> texts = {};
};

/// A table that the specification calls by its name. All columns have the same length.
struct FigureData {
  std::string name;
  std::vector<FigureColumn> columns;
};

/// A Vega-Lite figure. The specification is JSON; it refers to the data by name ("data": {"name":
/// "draws"}) and leaves colours, fonts and the background to the report, so that it can be shown in
/// light and dark.
struct Figure {
  std::string name;           // of its files: letters, digits and underscores
  std::string title;          // what it shows, in words
  std::string caption;        // how to read it
  std::string specification;  // Vega-Lite, without the data
  std::vector<FigureData> data;
};

/// A specification from a template: each `@word@` in it becomes its text, as JSON wants it inside
/// of quotation marks. Throws PluginError for a word that the template has not, or one left over.
std::string with_words(std::string_view text,
                       const std::vector<std::pair<std::string, std::string>>& words);

}  // namespace tarn
