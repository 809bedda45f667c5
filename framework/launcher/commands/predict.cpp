// tarn predict: the response of fitted or new rows, from the draws of a fit.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
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
#include "fits/reopen.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "run/configuration.hpp"
#include "run/preparation.hpp"
#include "tarn/io/prediction_store.hpp"
#include "tarn/io/table_reader.hpp"
#include "tarn/io/table_writer.hpp"
#include "tarn/prediction.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_shown = 50;

/// What is said of one row.
struct PredictedRow {
  std::size_t number;
  double mean, sd, mcse, lower, upper;
};

/// The rows, and where they come from.
struct Target {
  std::optional<NewRows> fresh;  // none: the rows of the fit
  std::vector<std::size_t> row_numbers;
  io::FitData data;
  bool observed = false;  // the response is there too
};

/// The p-quantile, linear between order statistics; `values` change their order.
double quantile(std::vector<double>& values, double p) {
  const double at = p * static_cast<double>(values.size() - 1);
  const auto k = static_cast<std::ptrdiff_t>(at);
  std::nth_element(values.begin(), values.begin() + k, values.end());
  const double low = values[static_cast<std::size_t>(k)];
  if (k + 1 == std::ssize(values)) return low;
  const double high = *std::min_element(values.begin() + k + 1, values.end());
  return low + (at - static_cast<double>(k)) * (high - low);
}

PredictedRow summarise(std::size_t number, ConstVectorRef draws, double interval) {
  const double n = static_cast<double>(draws.size());
  PredictedRow row{
      .number = number, .mean = draws.mean(), .sd = 0, .mcse = 0, .lower = 0, .upper = 0};
  row.sd = n > 1 ? std::sqrt((draws.array() - row.mean).square().sum() / (n - 1)) : 0;
  row.mcse = row.sd / std::sqrt(n);
  std::vector<double> values(draws.begin(), draws.end());
  row.lower = quantile(values, (1 - interval) / 2);
  row.upper = quantile(values, (1 + interval) / 2);
  return row;
}

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
  auto table = std::make_shared<Table>(*io::read_table(files));
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

/// The columns of the table, for people, scripts and files alike.
struct Result {
  std::string response;
  std::string lower, upper;  // names of the quantiles
  std::vector<PredictedRow> rows;
  std::vector<double> observed;  // empty: not there
};

std::string as_text(const Result& result) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns{{"row", Align::right},
                                         {"mean", Align::point},
                                         {"sd", Align::point},
                                         {result.lower, Align::point},
                                         {result.upper, Align::point}};
  if (!result.observed.empty()) columns.push_back({"observed", Align::point});
  TextTable table(columns);
  const std::size_t shown = std::min(most_shown, result.rows.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const PredictedRow& row = result.rows[i];
    const int decimals = supported_decimals(row.mcse);
    std::vector<std::string> cells{std::to_string(row.number)};
    for (const double x : {row.mean, row.sd, row.lower, row.upper}) {
      cells.push_back(number_text(x, decimals));
    }
    if (!result.observed.empty()) cells.push_back(fmt::format("{:g}", result.observed[i]));
    table.add(std::move(cells));
  }
  std::string text = table.text();
  if (shown < result.rows.size()) {
    text += fmt::format("({} more: -o FILE.csv or --json has all)\n",
                        count_of(result.rows.size() - shown, "row"));
  }
  return text;
}

std::string as_csv(const Result& result) {
  std::string text = fmt::format("row,mean,sd,{},{}{}\n", result.lower, result.upper,
                                 result.observed.empty() ? "" : ",observed");
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const PredictedRow& row = result.rows[i];
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{}", row.number, row.mean, row.sd,
                   row.lower, row.upper);
    if (!result.observed.empty()) {
      fmt::format_to(std::back_inserter(text), ",{}", result.observed[i]);
    }
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json as_json(const Result& result) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const PredictedRow& row = result.rows[i];
    nlohmann::ordered_json entry{
        {"row", row.number}, {"mean", row.mean},        {"sd", row.sd},
        {"mcse", row.mcse},  {result.lower, row.lower}, {result.upper, row.upper}};
    if (!result.observed.empty()) entry["observed"] = result.observed[i];
    rows.push_back(std::move(entry));
  }
  return rows;
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
  say_if_unfinished(fit);
  const FittedModel& model = fit.required_model();
  plan.seed = arguments.given("seed") ? arguments.count("seed", 0, ~std::uint64_t{0})
                                      : std::stoull(fit.file().attribute("tarn_seed"));
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
  Result result{.response = fit.design().response,
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
  } else {
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
      {"what comes out",
       {{"output", "FILE", "the table (.csv), or all draws (.h5, for ArviZ)", {}, false, 'o'},
        {"force", {}, "replace the file if there is one"},
        json_option()}},
      common_options()};
  command.examples = {{"houses that are not in the data, in counties that may not be",
                       "tarn predict radon.h5 houses.csv --new-groups sample"},
                      {"fitted values", "tarn predict radon.h5 --expectation -o fitted.csv"},
                      {"all draws, for ArviZ", "tarn predict radon.h5 -o predictive.h5"}};
  command.run = predict;
  return command;
}

}  // namespace tarn::launcher
