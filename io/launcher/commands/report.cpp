// tarn report: everything that is known of a fit, in one page.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/interrupt.hpp"
#include "fits/comparable.hpp"
#include "fits/comparison.hpp"
#include "fits/diagnosis.hpp"
#include "fits/unfinished.hpp"
#include "fitting/preparation.hpp"
#include "pages/files.hpp"
#include "pages/fit_part.hpp"
#include "report/html/scripts.hpp"
#include "report/numbers.hpp"
#include "tarn/io/table_writer.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

DiagnosisOptions diagnosis_options(const Arguments& arguments, double interval) {
  DiagnosisOptions options;
  options.figures = true;
  if (arguments.given("truth")) options.truth = read_truth(arguments.text("truth"));
  const double tail = (1 - interval) / 2;
  const std::string ends = fmt::format("{:.12g},{:.12g}", tail, 1 - tail);
  options.settings["convergence"] = {"quantiles=" + ends, "mcse_quantiles=" + ends};
  return options;
}

/// Fits that cannot be compared are reported all the same.
void compare_into(html::Page& page, const std::vector<std::unique_ptr<LoadedFit>>& fits) {
  try {
    for (const auto& fit : fits) fit->required_model();
    check_comparable(fits);
    page.comparison.push_back(comparison_section(compare(
        fits, criterion_of("loo"), true, std::max(1u, std::thread::hardware_concurrency()))));
  } catch (const io::DamagedFile&) {
    throw;
  } catch (const Error& error) {
    page.notices.push_back(fmt::format("The fits are not compared: {}", error.what()));
  }
}

std::string stem_of(const std::string& file) { return fs::path(file).stem().string(); }

std::vector<const Figure*> figures_of(const std::vector<html::Section>& sections) {
  std::vector<const Figure*> figures;
  for (const html::Section& section : sections) {
    for (const Figure& figure : section.figures) figures.push_back(&figure);
  }
  return figures;
}

/// A folder for each fit: its file's stem, and where that is taken, too, `stem_2`, `stem_3`, ...
std::vector<std::string> folder_names(const std::vector<html::FitPart>& fits) {
  std::vector<std::string> names;
  for (const html::FitPart& fit : fits) {
    const std::string stem = stem_of(fit.title);
    std::string name = stem;
    for (int k = 2; std::ranges::find(names, name) != names.end(); ++k) {
      name = fmt::format("{}_{}", stem, k);
    }
    names.push_back(std::move(name));
  }
  return names;
}

/// Those of several fits in folders of their own.
void save_figures(const html::Page& page, const fs::path& folder) {
  std::vector<fs::path> specifications = write_figures(figures_of(page.comparison), folder);
  const std::vector<std::string> names = folder_names(page.fits);
  for (std::size_t i = 0; i < page.fits.size(); ++i) {
    const auto place = page.fits.size() == 1 ? folder : folder / names[i];
    const auto written = write_figures(figures_of(page.fits[i].sections), place);
    specifications.insert(specifications.end(), written.begin(), written.end());
  }
  if (specifications.empty()) return say("there is no figure to save");
  const std::string why_no_svg = draw_figures(specifications);
  say(fmt::format("{} in {}: {}", count_of(specifications.size(), "figure"), folder.string(),
                  why_no_svg.empty()
                      ? "as SVG, as Vega-Lite and as CSV"
                      : "as Vega-Lite and as CSV, and not as SVG, because " + why_no_svg));
}

ExitCode report(const Arguments& arguments) {
  if (arguments.words().empty()) {
    throw UsageError("tarn report needs a chain file, for example: tarn report radon.h5");
  }
  const fs::path out =
      arguments.given("output")
          ? fs::path(arguments.text("output"))
          : fs::path(arguments.words().front()).filename().replace_extension("html");
  const bool force = arguments.flag("force");
  const double interval = arguments.number("ci", 0, 1);
  io::check_output(out, force);
  if (arguments.given("figures")) check_figure_folder(arguments.text("figures"), force);

  const Interrupt interrupt(nothing_half_written);
  const Registry registry = load_plugins(arguments, true);
  html::Page page;
  const DiagnosisOptions options = diagnosis_options(arguments, interval);
  std::vector<std::unique_ptr<LoadedFit>> fits;
  for (const std::string& name : arguments.words()) {
    fits.push_back(std::make_unique<LoadedFit>(name, registry));
    say_if_unfinished(*fits.back());
  }
  if (fits.size() > 1) compare_into(page, fits);
  for (const auto& fit : fits) {
    page.fits.push_back(fit_part(*fit, diagnose(*fit, options), interval));
  }
  page.title = page.fits.size() == 1 ? stem_of(page.fits.front().title)
                                     : fmt::format("{} fits", page.fits.size());
  page.footer = "Written by tarn " TARN_VERSION "; the page needs no network.";
  const html::Scripts scripts = html::installed_scripts();
  if (scripts.code.empty()) {
    page.notices.push_back(
        "This page has tables but no figures: the scripts that draw them were not installed with "
        "tarn (its build target report_assets makes them; it needs npm).");
  }
  io::write_text(out, html::page(page, scripts), force);
  if (arguments.given("figures")) save_figures(page, arguments.text("figures"));
  print(fmt::format("report: {}\n", out.string()));
  return ExitCode::done;
}

}  // namespace

Command report_command() {
  Command command;
  command.name = "report";
  command.summary = "one HTML page with everything that is known of a fit";
  command.usage = {"FILE... [options]"};
  command.description =
      "Runs all diagnostics that apply and writes their findings, tables and figures into one page "
      "that needs no network. Several fits are compared first. A run that is still going on may be "
      "reported, too: name its .partial file.";
  command.groups = {
      {"what to write",
       {{"output", "FILE", "the page; by default the first FILE's name with .html", {}, false, 'o'},
        {"figures", "FOLDER",
         "save each figure, too: as Vega-Lite with its data, as CSV, and as SVG where Node is "
         "there; of several fits in a folder each"},
        {"force", {}, "replace files that exist"}}},
      {"what to show",
       {{"ci", "P", "probability of the equal-tailed intervals", "0.95"},
        {"truth", "FILE", "true values of a simulation, as 'tarn simulate' writes them"}}},
      common_options()};
  command.examples = {
      {"a page beside the draws", "tarn report radon.h5"},
      {"two fits compared, figures saved", "tarn report a.h5 b.h5 -o ab.html --figures figures"},
      {"is the truth found again?", "tarn report simulated.h5 --truth truth.json"}};
  command.run = report;
  return command;
}

}  // namespace tarn::launcher
