// The scripts that npm's parts were bundled to, where they are installed.
#pragma once

#include <filesystem>
#include <optional>

#include "report/html/page.hpp"

namespace tarn::html {

/// Those of the folder share/tarn/report that belongs to libtarn; without code where it holds none.
Scripts installed_scripts();

/// What makes an SVG of a figure's file, under Node.
std::optional<std::filesystem::path> svg_script();

}  // namespace tarn::html
