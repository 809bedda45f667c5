// tarn simulate: data sets from the prior predictive, or with a known truth.
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/interrupt.hpp"
#include "report/numbers.hpp"
#include "simulation/covariates.hpp"
#include "simulation/truth.hpp"
#include "tarn/index.hpp"
#include "tarn/io/table_writer.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_sets = 1'000'000;

/// `sim.csv` and `sim.truth.json`, or `sim_3.csv` and `sim_3.truth.json` of several.
struct Files {
  fs::path data, truth;
};

Files files_of(const fs::path& out, std::optional<std::size_t> number) {
  const std::string stem =
      out.stem().string() + (number ? "_" + std::to_string(*number + 1) : std::string());
  return {out.parent_path() / (stem + out.extension().string()),
          out.parent_path() / (stem + ".truth.json")};
}

/// The table with a simulated response, under the column's name where there is a way back to it.
Table with_response(const Covariates& covariates, const Vector& response, std::string& remark) {
  Table table = *covariates.table;
  Column column{.name = covariates.response.text};
  column.numbers.assign(response.begin(), response.end());
  if (!covariates.response.levels.empty() && !covariates.parsed.design.categories.empty()) {
    column = column_of_levels(covariates.response, response);
  } else if (covariates.response.column) {
    std::vector<double> values;
    for (const double z : response) values.push_back(covariates.response.column(z));
    const auto lost = std::ranges::count_if(values, [](double x) { return !std::isfinite(x); });
    if (lost == 0) {
      column.name = covariates.response.columns.front();
      column.numbers = std::move(values);
    } else {
      remark =
          fmt::format("{} of {} values of {} are those of no {}; the column '{}' holds {} itself",
                      lost, response.size(), column.name, covariates.response.columns.front(),
                      column.name, column.name);
    }
  } else {
    remark = fmt::format("there is no way back from {} to its columns; the column '{}' holds it",
                         column.name, column.name);
  }
  for (Column& old : table.columns) {
    if (old.name != column.name) continue;
    old = std::move(column);
    return table;
  }
  // A column that was made up for the design gives way.
  if (!covariates.has_response) table.columns.pop_back();
  table.columns.insert(table.columns.begin(), std::move(column));
  return table;
}

Vector draw_response(Model& model, const std::string& name, const Rows& rows, ConstVectorRef theta,
                     Rng& rng) {
  Vector y(rows.y.size());
  guarded("model", name, "predict()",
          [&] { query<Predictive>(model)->predict(theta, rows, y, rng); });
  return y;
}

ExitCode simulate(const Arguments& arguments) {
  const std::size_t sets = arguments.count("data-sets", 1, most_sets);
  const std::uint64_t seed = read_seed(arguments);
  const bool force = arguments.flag("force");
  const bool to_file = arguments.given("output");
  const bool quiet = arguments.flag("quiet");
  if (sets > 1 && !to_file) {
    arguments.refuse("data-sets",
                     "several data sets need files: give -o sim.csv for sim_1.csv, "
                     "sim_2.csv, ...");
  }
  if (sets > 1 && arguments.given("truth")) {
    arguments.refuse("truth", "several data sets have truth files beside them: sim_1.truth.json");
  }
  const Interrupt interrupt(nothing_half_written);
  const Registry registry = load_plugins(arguments, quiet);
  check_names(registry, arguments);
  const Covariates covariates = read_covariates(registry, arguments, seed);
  const Design& design = covariates.parsed.design;
  const Simulator simulator = make_simulator(registry, arguments, design);
  const auto model = simulator.type.make({design, simulator.priors, simulator.settings});
  const KnownTruth truth(*model, design, simulator.priors, arguments.texts("true"));

  if (!quiet) {
    say(described(covariates));
    say(fmt::format("model {} ({}), seed {}", simulator.type.name, simulator.reason, seed));
    if (!covariates.has_response) {
      say(fmt::format(
          "there is no column '{}' yet: default priors are scaled as if {} (tarn priors "
          "shows how they scale)",
          covariates.response.columns.front(), covariates.scaled_as));
    }
  }
  const Rows rows = design.all_rows();
  Vector theta(as_index(model->layout().size()));
  for (std::size_t set = 0; set < sets; ++set) {
    const auto number = static_cast<std::uint32_t>(set);
    Rng prior({seed, number, Purpose::prior});
    Rng predict({seed, number, Purpose::predict});
    truth.draw(theta, prior);
    std::string remark;
    const std::string text = io::csv_text(with_response(
        covariates, draw_response(*model, simulator.type.name, rows, theta, predict), remark));
    if (!remark.empty() && !quiet) warn(remark);
    const std::string true_values = truth_text(model->layout(), theta);
    if (!to_file) {
      if (arguments.given("truth")) io::write_text(arguments.text("truth"), true_values, force);
      print_data(text);
      continue;
    }
    Files files = files_of(arguments.text("output"), sets > 1 ? std::optional(set) : std::nullopt);
    if (arguments.given("truth")) files.truth = arguments.text("truth");
    io::write_text(files.data, text, force);
    io::write_text(files.truth, true_values, force);
    if (!quiet && (sets == 1 || set + 1 == sets)) {
      say(fmt::format("{}data: {}, true values: {}", sets > 1 ? "last " : "", files.data.string(),
                      files.truth.string()));
    }
  }
  return ExitCode::done;
}

}  // namespace

Command simulate_command() {
  Command command;
  command.name = "simulate";
  command.summary = "data sets from the priors, or with known true values";
  command.usage = {"DATA... FORMULA... [options]",
                   "--design 'NAME: WHAT; ...' FORMULA... [options]"};
  command.description =
      "Draws parameters from their priors and a response given them, for the covariates and groups "
      "of DATA, which need not hold the response. --true fixes parameters: what it does not name "
      "is drawn from its prior, and group effects from the population that results. Without DATA, "
      "--design makes the columns: 'g: 8 levels x 15' (a factor, 15 rows of each level), 'h: 5 "
      "levels' (in turn), 'x: normal(0, 1)' (any density; '... by g': one number for each level), "
      "'day: 0 to 9' or 'arm: control, drug' (in turn), 'rows: 100'. The true values are written "
      "beside the data, for --truth of tarn check and tarn report.";
  command.groups = {
      simulation_options(),
      {"what to simulate",
       {{"true", "'NAME = NUMBER'", "a true value: 'b[x] = 1.5', 'sd_g = 1', 'r_g = 0'", {}, true},
        {"data-sets", "N", "how many data sets", "1"},
        {"seed", "N", "same seed, same data; by default at random"}}},
      {"what comes out",
       {{"output", "FILE", "CSV; by default standard output", {}, false, 'o'},
        {"truth", "FILE", "the true values, JSON; by default beside the output: sim.truth.json"},
        {"force", {}, "replace files that are there"},
        {"quiet", {}, "no remarks", {}, false, 'q'}}},
      common_options()};
  command.examples = {
      {"eight groups of fifteen rows, whose intercepts differ by about 1",
       "tarn simulate --design 'g: 8 levels x 15' 'y ~ 1 + (1 | g)' --true 'sd_g = 1' -o s.csv"},
      {"what the priors say of data like these",
       "tarn simulate radon.csv 'log_radon ~ floor + (1 | county)' --data-sets 20 -o prior.csv"}};
  command.run = simulate;
  return command;
}

}  // namespace tarn::launcher
