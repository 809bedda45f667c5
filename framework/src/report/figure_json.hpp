// Figures as JSON and CSV.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tarn/figure.hpp"

namespace tarn {

/// Throws PluginError unless the name can be a file's, the specification is JSON, and the columns
/// of each table are as long as each other and hold either numbers or texts.
void check(const Figure& figure);

/// {"specification": ..., "data": {"draws": [{"name": "x", "numbers": [...]}, {"name": "chain",
/// "levels": [...], "codes": [...]}]}}: small, for the page. Six digits are more than a screen
/// shows.
std::string compact_json(const Figure& figure);

/// Vega-Lite that opens anywhere: its data inside, in the report's colours, with a title.
std::string whole_json(const Figure& figure);

std::string csv(const FigureData& data);

/// The colours, fonts and styles of figures, in light and dark.
const nlohmann::ordered_json& figure_themes();

}  // namespace tarn
