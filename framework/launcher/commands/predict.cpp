// tarn predict: the response of fitted or new rows, from the draws of a fit.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/prediction_table.hpp"
#include "fits/reopen.hpp"
#include "fits/stored_configuration.hpp"
#include "report/numbers.hpp"
#include "run/configuration.hpp"
#include "run/preparation.hpp"
#include "run/reading.hpp"
#include "tarn/io/prediction_store.hpp"
#include "tarn/io/table_reader.hpp"
#include "tarn/io/table_writer.hpp"
#include "tarn/prediction.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

/// The rows, and where they come from.
struct Target {
  std::optional<NewRows> fresh;  // none: the rows of the fit
  std::vector<std::size_t> row_numbers;
  io::FitData data;
  bool observed = false;  // the response is there too
};

/// The grouping columns that predictions without groups need not have: any level does.
void add_absent_groupings(const Design& design, Table& table) {
  for (const Grouping& grouping : design.groupings) {
    std::string_view rest = grouping.name;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      const std::string name(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (table.find(name) != nullptr) continue;
      Column column;
      column.name = name;
      column.is_text = true;
      column.levels = {"(none)"};
      column.codes.assign(table.rows, 0);
      table.columns.push_back(std::move(column));
    }
  }
}

Target new_target(const Arguments& arguments, const Reopened& fit, bool no_groups) {
  const std::vector<std::string> files(arguments.words().begin() + 1, arguments.words().end());
  io::TableOptions reading = read_reading(arguments);
  if (!arguments.given("missing")) reading.missing = missing_codes(fit.config());
  auto table = std::make_shared<Table>(*io::read_table(files, reading));
  std::vector<std::string> own;
  for (const Column& column : table->columns) own.push_back(column.name);
  if (no_groups) add_absent_groupings(fit.design(), *table);
  const auto formula = fit.config().at("formula").get<std::string>();
  Target target;
  target.fresh = make_new_rows(formula, table, fit.formula_state());
  target.row_numbers = target.fresh->row_numbers;
  target.observed = target.fresh->has_response;
  for (const std::string& dropped : target.fresh->dropped) {
    say("rows are left out: " + dropped);
  }
  for (const std::string& note : target.fresh->notes) say("note: " + note);
  std::vector<std::string> kept;
  for (const Column& column : fit.data().table.columns) {
    if (std::ranges::find(own, column.name) != own.end()) kept.push_back(column.name);
  }
  if (!target.row_numbers.empty()) {
    target.data = {
        rows_of(*table, kept, target.row_numbers), target.row_numbers, fit.design().response, {}};
  }
  return target;
}

NewLevels read_rule(const Arguments& arguments) {
  const std::string rule = arguments.choice("new-groups", {"error", "population", "sample"});
  return rule == "sample"       ? NewLevels::sample
         : rule == "population" ? NewLevels::population
                                : NewLevels::refused;
}

std::unique_ptr<io::PredictionWriter> open_writer(const fs::path& out, const Reopened& fit,
                                                  const Target& target, const PredictionPlan& plan,
                                                  bool force) {
  io::PredictionsOf what;
  what.out_of_sample = target.fresh.has_value();
  what.variable = plan.expectation ? "yhat" : fit.design().response;
  what.describes = plan.expectation ? fmt::format("expected {}", fit.design().response)
                                    : fmt::format("{}, predicted", fit.design().response);
  what.chains = fit.file().posterior().chains();
  what.draws = fit.file().posterior().draws();
  what.data = target.data;
  what.name = fit.file().attribute("name");
  what.fit_sha = fit.file().attribute("tarn_config_sha256");
  what.seed = plan.seed;
  return std::make_unique<io::PredictionWriter>(out, what, force);
}

std::string quantile_name(double p) { return fmt::format("q{:g}", std::round(p * 1e12) / 1e12); }

ExitCode predict(const Arguments& arguments) {
  if (arguments.words().empty()) {
    throw UsageError("tarn predict needs a chain file, for example: tarn predict radon.h5 new.csv");
  }
  const double interval = arguments.number("ci", 0, 1);
  const bool force = arguments.flag("force");
  PredictionPlan plan;
  plan.expectation = arguments.flag("expectation");
  plan.new_levels = read_rule(arguments);
  plan.no_groups = arguments.flag("no-groups");
  plan.threads = arguments.given("threads") ? arguments.count("threads", 1, 4096)
                                            : std::max(1U, std::thread::hardware_concurrency());
  const fs::path out = arguments.text("output");
  const bool to_hdf5 = out.extension() == ".h5" || out.extension() == ".nc";
  if (!out.empty() && !to_hdf5 && out.extension() != ".csv") {
    arguments.refuse("output", "its name ends in .csv (the table) or .h5 (all draws)");
  }

  const Registry registry = load_plugins(arguments, true);
  const Reopened fit(arguments.words().front(), registry);
  if (!arguments.flag("quiet")) say_if_unfinished(fit);
  const FittedModel& model = fit.required_model();
  plan.seed = arguments.given("seed") ? arguments.count("seed", 0, ~std::uint64_t{0})
                                      : stored_seed(fit.file(), fit.path());
  Target target;
  if (arguments.words().size() > 1) {
    target = new_target(arguments, fit, plan.no_groups);
  } else {
    target.row_numbers = model.row_numbers;
    target.data = fit.data();
    target.observed = true;
  }

  std::unique_ptr<io::PredictionWriter> writer;
  if (to_hdf5) writer = open_writer(out, fit, target, plan, force);
  PredictionTable result{.response = fit.design().response,
                         .lower = quantile_name((1 - interval) / 2),
                         .upper = quantile_name((1 + interval) / 2),
                         .rows = {},
                         .observed = {}};
  const auto visit = [&](std::size_t first, const Rows& rows, ConstMatrixRef draws) {
    for (Eigen::Index i = 0; i < draws.cols(); ++i) {
      result.rows.push_back(summarise(target.row_numbers[first + static_cast<std::size_t>(i)],
                                      draws.col(i), interval));
      if (target.observed) {
        result.observed.push_back(rows.y[i] + (rows.offset.size() > 0 ? rows.offset[i] : 0));
      }
    }
    if (writer) writer->write(first, draws);
  };
  const Draws& posterior = fit.file().posterior();
  if (target.fresh) {
    tarn::predict(model, posterior, *target.fresh, plan, visit);
  } else {
    tarn::predict(model, posterior, plan, visit);
  }
  if (writer) writer->finish();
  if (!out.empty() && !to_hdf5) io::write_text(out, as_csv(result), force);

  const std::string what = plan.expectation ? "expected " + result.response : result.response;
  if (arguments.flag("json")) {
    print(dumped({{"schema_version", 1},
                  {"file", arguments.words().front()},
                  {"response", result.response},
                  {"expectation", plan.expectation},
                  {"chains", posterior.chains()},
                  {"draws", posterior.draws()},
                  {"complete", fit.file().complete()},
                  {"seed", std::to_string(plan.seed)},
                  {"interval", {{"kind", "equal_tailed"}, {"probability", interval}}},
                  {"rows", as_json(result)}}));
  } else if (out.empty()) {
    print(fmt::format("{}: {} of {}, {} of {}\n\n{}", arguments.words().front(), what,
                      count_of(result.rows.size(), "row"), count_of(posterior.chains(), "chain"),
                      count_of(posterior.draws(), "draw"), as_text(result)));
  } else if (!arguments.flag("quiet")) {
    say(fmt::format("{} of {}: {}", what, count_of(result.rows.size(), "row"), out.string()));
  }
  return ExitCode::done;
}

}  // namespace

Command predict_command() {
  Command command;
  command.name = "predict";
  command.summary = "the response of fitted or new rows";
  command.usage = {"FILE [NEWDATA...] [options]"};
  command.description =
      "Draws the response anew for every row and every draw of a fit, and prints mean, standard "
      "deviation and interval per row: of the rows of the fit, or of NEWDATA (.csv, .csv.gz or -), "
      "which must have the columns that the formula names, but for the response. What the formula "
      "learnt from the data of the fit (centres, knots, levels) is used again. Numbers are on the "
      "scale of the formula's left side. Rows of a group that the fit has not seen are refused "
      "unless --new-groups says what they get.";
  command.groups = {
      {"what to predict",
       {{"expectation", {}, "the expected response, without the residuals' spread"},
        {"new-groups", "error|population|sample",
         "groups that the fit has not seen: refused, without effects, or with effects drawn from "
         "the population",
         "error"},
        {"no-groups", {}, "leave all group effects out; NEWDATA needs no grouping columns"},
        {"ci", "P", "probability of the equal-tailed interval", "0.95"},
        {"seed", "N", "same seed, same draws; by default that of the fit"},
        {"threads", "N", "threads; by default one on every processor"}}},
      {"how NEWDATA is read; what the fit took as missing is missing here, too", reading_options()},
      {"what comes out",
       {{"output", "FILE", "the table (.csv), or all draws (.h5, for ArviZ)", {}, false, 'o'},
        {"force", {}, "replace the file if there is one"},
        json_option(),
        quiet_option()}},
      common_options()};
  command.examples = {{"houses that are not in the data, in counties that may not be",
                       "tarn predict radon.h5 houses.csv --new-groups sample"},
                      {"fitted values", "tarn predict radon.h5 --expectation -o fitted.csv"},
                      {"all draws, for ArviZ", "tarn predict radon.h5 -o predictive.h5"}};
  command.run = predict;
  return command;
}

}  // namespace tarn::launcher
