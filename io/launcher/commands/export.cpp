// tarn export: draws and coefficient tables for other programs.
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "answers/export_draws.hpp"
#include "answers/export_table.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/description.hpp"
#include "fits/stored_configuration.hpp"
#include "fits/unfinished.hpp"
#include "fitting/preparation.hpp"
#include "report/numbers.hpp"
#include "tarn/io/table_writer.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

Quantities chosen(const Arguments& arguments, const Layout& layout, Default otherwise) {
  return choose_quantities(layout, arguments.texts("only"), arguments.texts("define"),
                           arguments.flag("all") ? Default::everything : otherwise);
}

/// `model.csv` is `model_1.csv`, `model_2.csv`, ...
fs::path of_chain(const fs::path& out, std::size_t chain) {
  fs::path name = out.stem();
  name += fmt::format("_{}", chain + 1);
  name += out.extension();
  return out.parent_path() / name;
}

void say_written(const Arguments& arguments, const std::string& what, const std::string& where) {
  if (!arguments.flag("quiet")) say(fmt::format("{}: {}", what, where));
}

void export_draws(const Arguments& arguments, const fs::path& out) {
  const std::string& name = arguments.words().front();
  if (arguments.words().size() > 1) {
    throw UsageError(
        fmt::format("draws of one fit go into one file, and there are {}; a table "
                    "(.md or .tex) takes several",
                    count_of(arguments.words().size(), "fit")));
  }
  const bool cmdstan = arguments.choice("layout", {"tidy", "cmdstan"}) == "cmdstan";
  if (cmdstan && out.extension() != ".csv") {
    arguments.refuse("layout", "CmdStan's files end in .csv");
  }
  const io::ChainFile file(name);
  const Draws& draws = file.posterior();
  if (draws.draws() == 0) throw no_draws_yet(name);
  const Quantities what = chosen(arguments, draws.layout(), Default::everything);
  say_if_unfinished(name, file);
  const bool force = arguments.flag("force");
  const std::string of = fmt::format("{} of {}", count_of(draws.chains() * draws.draws(), "draw"),
                                     count_of(what.size(), "column"));
  if (!cmdstan) {
    io::write_text(out,
                   out.extension() == ".csv" ? tidy_csv(what, draws) : tidy_json(what, file, name),
                   force);
    return say_written(arguments, of, out.string());
  }
  std::vector<std::string> written;
  for (std::size_t chain = 0; chain < draws.chains(); ++chain) {
    written.push_back(of_chain(out, chain).string());
    io::write_text(written.back(), cmdstan_csv(what, file, chain), force);
  }
  say_written(arguments, of, list_of(written, 8));
}

void export_table(const Arguments& arguments, const fs::path& out) {
  if (arguments.given("layout")) arguments.refuse("layout", "this is for draws (.csv)");
  const Interval interval{arguments.number("ci", 0, 1)};
  const Registry registry = load_plugins(arguments, true);
  std::vector<TableFit> fits;
  for (const std::string& name : arguments.words()) {
    const io::ChainFile file(name);
    const Draws& draws = file.posterior();
    if (draws.draws() == 0) throw no_draws_yet(name);
    const Quantities what = chosen(arguments, draws.layout(), Default::main);
    say_if_unfinished(name, file);
    fits.push_back(
        {fs::path(name).stem().string(), stored_formula(stored_configuration(file, name)).rows_used,
         draws.chains() * draws.draws(), what.names(),
         estimates(registry, what.columns(draws, 0, what.size()), draws.chains(), interval)});
  }
  io::write_text(
      out, out.extension() == ".md" ? markdown_table(fits, interval) : latex_table(fits, interval),
      arguments.flag("force"));
  say_written(arguments, fmt::format("a table of {}", count_of(fits.size(), "fit")), out.string());
}

ExitCode run_export(const Arguments& arguments) {
  if (arguments.words().empty() || !arguments.given("output")) {
    throw UsageError(
        "tarn export needs a chain file and a file to write, for example: tarn export radon.h5 -o "
        "draws.csv");
  }
  const fs::path out = arguments.text("output");
  if (out.extension() == ".csv" || out.extension() == ".json") {
    export_draws(arguments, out);
  } else if (out.extension() == ".md" || out.extension() == ".tex") {
    export_table(arguments, out);
  } else {
    arguments.refuse("output",
                     "its name ends in .csv or .json (draws), or in .md or .tex (a table)");
  }
  return ExitCode::done;
}

}  // namespace

Command export_command() {
  Command command;
  command.name = "export";
  command.summary = "draws as CSV or JSON, coefficient tables as Markdown or LaTeX";
  command.usage = {"FILE -o draws.csv|draws.json [options]",
                   "FILE... -o table.md|table.tex [options]"};
  command.description =
      "Writes draws for programs that do not read HDF5: a line for each draw, with the columns "
      ".chain, .iteration and .draw that R's tidybayes and posterior know, then a column for each "
      "parameter under the name that a summary has. Or the table of coefficients of one fit (mean, "
      "sd, interval) or of several side by side. The extension of the output says which. --define "
      "adds quantities by expressions, as 'tarn hypothesis' takes them.";
  command.groups = {
      {"what to write",
       {{"output", "FILE", ".csv, .json: draws; .md, .tex: a table", {}, false, 'o'},
        {"only",
         "PARAMETER",
         "a name (sigma, 'b[floor]'), a variable (b; coef_county: b + r by group) or a pattern "
         "with "
         "* and ?",
         {},
         true},
        {"define", "'NAME = EXPRESSION'", "a derived quantity", {}, true},
        {"all", {}, "group effects in tables too"},
        {"layout", "tidy|cmdstan",
         "of draws: one file, or a file for each chain (draws_1.csv, ...) as CmdStan writes them",
         "tidy"},
        {"ci", "P", "probability of the equal-tailed intervals of a table", "0.95"},
        {"force", {}, "replace the file if there is one"},
        quiet_option()}},
      common_options()};
  command.examples = {
      {"for R: posterior::as_draws_df(read.csv(\"draws.csv\", check.names = FALSE))",
       "tarn export radon.h5 -o draws.csv"},
      {"coefficients by group, and the share of variance between groups",
       "tarn export fit.h5 --only coef_g --define 'icc = sd_g^2 / (sd_g^2 + sigma^2)' -o icc.csv"},
      {"three fits in a paper", "tarn export a.h5 b.h5 c.h5 -o table.tex"}};
  command.run = run_export;
  return command;
}

}  // namespace tarn::launcher
