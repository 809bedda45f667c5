// The output of `tarn report`: the page, and files of figures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tarn/figure.hpp"

namespace tarn::launcher {

/// Throws UsageError where the folder of --figures holds anything, unless `force`; IoError where it
/// cannot be one.
void check_figure_folder(const std::filesystem::path& folder, bool force);

/// NAME.vl.json and NAME.csv of each figure. Returns the former.
std::vector<std::filesystem::path> write_figures(const std::vector<const Figure*>& figures,
                                                 const std::filesystem::path& folder);

/// NAME.svg beside each NAME.vl.json, by Node. Returns why there are none, or nothing.
std::string draw_figures(const std::vector<std::filesystem::path>& specifications);

}  // namespace tarn::launcher
