// Answers as figures, in the report's templates and pages.
#pragma once

#include <filesystem>
#include <string>

#include "answers/answer_table.hpp"
#include "answers/effects.hpp"
#include "command_line/arguments.hpp"
#include "tarn/figure.hpp"

namespace tarn::launcher {

/// A point and its interval for each row that has a value.
Figure estimates_figure(const AnswerTable& table, const Interval& interval);

/// Curves with bands over the rows of the data, or as above where the first axis is a factor.
Figure effect_figure(const LoadedFit& fit, const GridQuestion& question, const Effect& effect);

/// What -o may be: .csv, .html, .svg, .vl.json. Refuses others.
void check_answer_output(const Arguments& arguments);

/// Writes the table or the figure to the file of -o: a page; or Vega-Lite and CSV, and SVG beside
/// them where Node is there. Returns a remark on what could not be.
std::string write_answer(const std::filesystem::path& out, const AnswerTable& table,
                         const Figure& figure, const Interval& interval, bool force);

}  // namespace tarn::launcher
