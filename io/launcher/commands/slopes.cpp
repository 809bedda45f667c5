// tarn slopes: how the expected response changes with a predictor.
#include <filesystem>

#include <fmt/format.h>

#include "answers/pictures.hpp"
#include "answers/slopes.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/judgement.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_slopes_shown = 100;

ExitCode run_slopes(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.words();
  if (words.size() != 2) {
    throw UsageError(
        "tarn slopes needs a chain file and a predictor, for example: tarn slopes radon.h5 "
        "'log_uranium by floor'");
  }
  const GridQuestion question = read_grid_question(arguments);
  const std::filesystem::path out = arguments.text("output");
  check_answer_output(arguments);
  const Registry registry = load_plugins(arguments, true);
  const LoadedFit fit(words.front(), registry);
  const Predictors predictors(fit);
  say_if_unfinished(fit);
  const AnswerTable table = slopes(fit, predictors, question);
  std::string remark;
  if (!out.empty()) {
    remark = write_answer(out, table, estimates_figure(table, question.interval), question.interval,
                          arguments.flag("force"));
  }
  if (arguments.flag("json")) {
    nlohmann::ordered_json object = answer_head(fit, question);
    object["predictor"] = question.names.front();
    object["slopes"] = as_json(table, question.interval);
    print(dumped(object));
  } else if (out.empty()) {
    print(fmt::format("{}: {}\n\n{}", words.front(),
                      heading(fit.file(), question.interval.probability),
                      as_text(table, question.interval, first_rows(table, most_slopes_shown))));
  } else if (!arguments.flag("quiet")) {
    say(fmt::format("{}: {}", table.title, remark.empty() ? out.string() : remark));
  }
  return ExitCode::done;
}

}  // namespace

Command slopes_command() {
  Command command;
  command.name = "slopes";
  command.summary = "by how much the expected response changes with a predictor";
  command.usage = {"FILE 'X [by FACTOR]' [options]"};
  command.description =
      "Prints the slope of the expected response in X, dE[y]/dx: the average over the rows of the "
      "data, or over those of each level of a factor. With a link this is the only coefficient "
      "that "
      "is on the scale of the response. With --at (or --group) the slopes are those at the values "
      "given, with other predictors at their means and first levels. P(> 0) is the probability "
      "that the slope is positive.";
  command.groups = {
      {"where", grid_options()},
      {"what comes out",
       {{"output", "FILE", "the table (.csv), or a figure (.html, .svg, .vl.json)", {}, false, 'o'},
        {"force", {}, "replace the file if there is one"},
        json_option(),
        quiet_option()}},
      common_options()};
  command.examples = {
      {"by how much does the probability rise with height?", "tarn slopes ticks.h5 height"},
      {"in each arm of a trial", "tarn slopes trial.h5 'dose by arm'"},
      {"where a curve is steep", "tarn slopes chicks.h5 Time --at 'Time = 0, 10, 20'"}};
  command.run = run_slopes;
  return command;
}

}  // namespace tarn::launcher
