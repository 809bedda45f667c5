// tarn predict: the response of fitted or new rows, from the draws of a fit.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "answers/prediction_target.hpp"
#include "command_line/arguments.hpp"
#include "command_line/reading.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/interrupt.hpp"
#include "fits/load.hpp"
#include "fits/prediction_table.hpp"
#include "fits/stored_configuration.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/numbers.hpp"
#include "tarn/io/prediction_store.hpp"
#include "tarn/io/table_writer.hpp"
#include "tarn/prediction.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

/// `2 of 10 rows cannot be predicted:`, and a line for each reason: `  x is missing: row 3`.
void say_missing(const std::vector<MissingRow>& missing, std::size_t all) {
  if (missing.empty()) return;
  std::map<std::string, std::vector<std::string>> rows;
  for (const MissingRow& row : missing) rows[row.reason].push_back(std::to_string(row.number));
  say(fmt::format("{} of {} cannot be predicted:", grouped(missing.size()), count_of(all, "row")));
  for (const auto& [reason, numbers] : rows) {
    say(fmt::format("  {}: row{} {}", reason, numbers.size() == 1 ? "" : "s",
                    list_of(numbers, 10)));
  }
}

PredictionScale read_scale(const Arguments& arguments) {
  const std::string scale = arguments.choice("scale", {"response", "mean", "link"});
  if (arguments.flag("expectation")) {
    if (arguments.given("scale") && scale != "mean") {
      arguments.refuse("scale", "--expectation is the old name of --scale mean; drop it");
    }
    return PredictionScale::mean;
  }
  return scale == "mean"   ? PredictionScale::mean
         : scale == "link" ? PredictionScale::link
                           : PredictionScale::response;
}

NewLevels read_rule(const Arguments& arguments, const PredictionPlan& plan) {
  const std::string rule =
      arguments.choice("new-groups", {"error", "population", "sample", "average"});
  if (rule == "average") {
    if (plan.no_groups) {
      arguments.refuse("new-groups",
                       "--no-groups leaves all groups out, and nothing is averaged; drop one of "
                       "the two");
    }
    if (plan.scale != PredictionScale::mean) {
      arguments.refuse("new-groups",
                       "an average is taken of the expected response: add --scale mean; draws of a "
                       "new group's response are those of --new-groups sample");
    }
    return NewLevels::average;
  }
  return rule == "sample"       ? NewLevels::sample
         : rule == "population" ? NewLevels::population
                                : NewLevels::refused;
}

/// What the numbers are: "y", "expected y".
std::string described(PredictionScale scale, const std::string& response) {
  switch (scale) {
    case PredictionScale::mean:
      return "expected " + response;
    case PredictionScale::link:
      return "linear predictor of " + response;
    case PredictionScale::response:
      break;
  }
  return response;
}

std::string_view name_of(PredictionScale scale) {
  return scale == PredictionScale::mean   ? "mean"
         : scale == PredictionScale::link ? "link"
                                          : "response";
}

std::unique_ptr<io::PredictionWriter> open_writer(const fs::path& out, const LoadedFit& fit,
                                                  const PredictionTarget& target,
                                                  const PredictionPlan& plan, bool force) {
  io::PredictionsOf what;
  what.out_of_sample = target.fresh.has_value();
  const std::string& response = fit.design().response;
  what.variable = plan.scale == PredictionScale::mean   ? "yhat"
                  : plan.scale == PredictionScale::link ? "eta"
                                                        : response;
  what.describes = plan.scale == PredictionScale::response ? response + ", predicted"
                                                           : described(plan.scale, response);
  what.chains = fit.file().posterior().chains();
  what.draws = fit.file().posterior().draws();
  what.data = target.data;
  what.name = fit.file().attribute("name");
  what.fit_sha = fit.file().attribute("tarn_config_sha256");
  what.seed = plan.seed;
  return std::make_unique<io::PredictionWriter>(out, what, force);
}

/// A run of predicted rows to their places among all rows.
void write_rows(io::PredictionWriter& writer, const PredictionTarget& target, std::size_t first,
                ConstMatrixRef draws) {
  const auto number = [&](Eigen::Index i) { return target.row_numbers[first + as_size(i)]; };
  if (!target.fresh) return writer.write(first, draws);
  for (Eigen::Index from = 0; from < draws.cols();) {
    Eigen::Index count = 1;
    while (from + count < draws.cols() && number(from + count) == number(from) + std::size_t(count))
      ++count;
    writer.write(number(from) - 1, draws.middleCols(from, count));
    from += count;
  }
}

void write_missing(io::PredictionWriter& writer, const std::vector<MissingRow>& missing,
                   const Draws& posterior) {
  if (missing.empty()) return;
  const Matrix nothing = Matrix::Constant(as_index(posterior.chains() * posterior.draws()), 1,
                                          std::numeric_limits<double>::quiet_NaN());
  for (const MissingRow& row : missing) writer.write(row.number - 1, nothing);
}

std::string quantile_name(double p) { return fmt::format("q{:g}", std::round(p * 1e12) / 1e12); }

ExitCode predict(const Arguments& arguments) {
  if (arguments.words().empty()) {
    throw UsageError("tarn predict needs a chain file, for example: tarn predict radon.h5 new.csv");
  }
  const double interval = arguments.number("ci", 0, 1);
  const bool force = arguments.flag("force");
  PredictionPlan plan;
  plan.scale = read_scale(arguments);
  plan.no_groups = arguments.flag("no-groups");
  plan.new_levels = read_rule(arguments, plan);
  plan.threads = arguments.given("threads") ? arguments.count("threads", 1, 4096)
                                            : std::max(1U, std::thread::hardware_concurrency());
  const fs::path out = arguments.text("output");
  const bool to_hdf5 = out.extension() == ".h5" || out.extension() == ".nc";
  if (!out.empty() && !to_hdf5 && out.extension() != ".csv") {
    arguments.refuse("output", "its name ends in .csv (the table) or .h5 (all draws)");
  }

  const Interrupt interrupt(nothing_half_written);
  const Registry registry = load_plugins(arguments, true);
  const LoadedFit fit(arguments.words().front(), registry);
  if (!arguments.flag("quiet")) {
    say_if_unfinished(fit);
    if (arguments.flag("expectation")) {
      say("note: --expectation is now --scale mean, and will be dropped");
    }
  }
  const FittedModel& model = fit.required_model();
  plan.seed = arguments.given("seed") ? arguments.count("seed", 0, ~std::uint64_t{0})
                                      : stored_seed(fit.file(), fit.path());
  const PredictionTarget target = prediction_target(arguments, fit, plan);

  std::unique_ptr<io::PredictionWriter> writer;
  if (to_hdf5) writer = open_writer(out, fit, target, plan, force);
  PredictionTable result{.response = fit.design().response,
                         .lower = quantile_name((1 - interval) / 2),
                         .upper = quantile_name((1 + interval) / 2),
                         .rows = {},
                         .observed = {},
                         .data = target.shown,
                         .text_columns = target.shown_names};
  const bool observed = target.observed && plan.scale != PredictionScale::link;
  const auto visit = [&](std::size_t first, const Rows& rows, ConstMatrixRef draws) {
    for (Eigen::Index i = 0; i < draws.cols(); ++i) {
      result.rows.push_back(
          summarise(target.row_numbers[first + as_size(i)], draws.col(i), interval));
      if (observed) result.observed.push_back(rows.y[i]);
    }
    if (writer) write_rows(*writer, target, first, draws);
  };
  const Draws& posterior = fit.file().posterior();
  if (target.fresh) {
    tarn::predict(model, posterior, *target.fresh, plan, visit);
  } else {
    tarn::predict(model, posterior, plan, visit);
  }
  if (target.fresh) {
    add_missing(result, target.fresh->missing);
    if (writer) write_missing(*writer, target.fresh->missing, posterior);
    say_missing(target.fresh->missing, target.data.row_numbers.size());
  }
  if (writer) writer->finish();
  if (!out.empty() && !to_hdf5) io::write_text(out, as_csv(result), force);

  const std::string what = described(plan.scale, result.response);
  if (arguments.flag("json")) {
    print(dumped({{"schema_version", 1},
                  {"file", arguments.words().front()},
                  {"response", result.response},
                  {"scale", name_of(plan.scale)},
                  {"expectation", plan.scale == PredictionScale::mean},
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
  command.usage = {"FILE [NEWDATA...] [options]", "FILE --at GRID [options]"};
  command.description =
      "Draws the response anew for every row and every draw of a fit, and prints mean, standard "
      "deviation and interval per row: of the rows of the fit, or of NEWDATA (.csv, .csv.gz or -), "
      "which must have the columns that the formulas name, but for the response. What the formula "
      "learnt from the data of the fit (centres, knots, levels) is used again. Numbers are on the "
      "scale of the formula's left side, but for those of --scale link. Every row of NEWDATA has a "
      "line, its own columns first: where a covariate is "
      "missing, or a group that --new-groups says nothing of, or the row has a combination of "
      "levels that no row of the fit had, its numbers are missing, and the reason is given. Rows "
      "of a group that the fit has not seen are refused unless --new-groups says what they get.";
  command.groups = {
      {"what to predict",
       {{"at", "'NAME = VALUES; ...'",
         "a grid in the place of NEWDATA: 'Time = 0:21 by 3; Diet'; other predictors at their "
         "means and first levels, groups as --new-groups or --no-groups says"},
        {"scale", "response|mean|link",
         "the response, drawn; its expectation, without residual noise; or the linear predictor, "
         "on the scale of the link",
         "response"},
        {"expectation", {}, "the old name of --scale mean"},
        {"new-groups", "error|population|sample|average",
         "groups that the fit has not seen or that are missing: refused (missing ones have missing "
         "predictions), without effects, with effects drawn from the population, or, with --scale "
         "mean, the average over the groups of the population",
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
                      {"a grid, without the groups' effects",
                       "tarn predict chicks.h5 --at 'Time = 0:21 by 3; Diet' --no-groups"},
                      {"fitted values", "tarn predict radon.h5 --scale mean -o fitted.csv"},
                      {"the probability of use in a district like the others",
                       "tarn predict use.h5 women.csv --scale mean --new-groups average"},
                      {"all draws, for ArviZ", "tarn predict radon.h5 -o predictive.h5"}};
  command.run = predict;
  return command;
}

}  // namespace tarn::launcher
