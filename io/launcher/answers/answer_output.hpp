// What commands that answer over a grid share: the fit they ask, and where the answer goes.
#pragma once

#include <string>

#include "answers/answer_table.hpp"
#include "answers/predictors.hpp"
#include "command_line/arguments.hpp"
#include "command_line/command.hpp"
#include "fits/load.hpp"
#include "tarn/figure.hpp"
#include "tarn/registry.hpp"

namespace tarn::launcher {

/// The fit that the first word names. Says if it is unfinished.
struct AskedFit {
  explicit AskedFit(const Arguments& arguments);
  AskedFit(const AskedFit&) = delete;  // the fit refers to the registry

  /// `radon.h5: 4 chains of 1,000 draws, 95 % equal-tailed intervals`, a line.
  std::string heading(const Interval& interval) const;

  Registry registry;
  LoadedFit fit;
  Predictors predictors;
};

/// -o, --force, --json, --quiet; `holds`: what a table holds.
OptionGroup answer_output_options(std::string holds);

/// What -o may be: .csv, .html, .svg, .vl.json. Refuses others, and files that are there, unless
/// --force is given.
void check_answer_output(const Arguments& arguments);

/// Writes the table or the figure to the file of -o: a page; or Vega-Lite and CSV, and SVG beside
/// them where Node is there. Says so, and what could not be, unless JSON is printed.
void write_answer(const Arguments& arguments, const std::string& title, const AnswerTable& table,
                  const Figure& figure, const Interval& interval);

}  // namespace tarn::launcher
