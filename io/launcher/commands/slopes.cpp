// tarn slopes: how the expected response changes with a predictor.
#include "answers/slopes.hpp"
#include "answers/answer_output.hpp"
#include "answers/pictures.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fitting/configuration.hpp"

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
  check_answer_output(arguments);
  const AskedFit asked(arguments);
  const AnswerTable table = slopes(asked.fit, asked.predictors, question);
  const Interval& interval = question.interval;
  const bool to_file = arguments.given("output");
  if (to_file) {
    write_answer(arguments, table.title, table, estimates_figure(table, interval), interval);
  }
  if (arguments.flag("json")) {
    nlohmann::ordered_json object = answer_head(asked.fit, question);
    object["predictor"] = question.names.front();
    object["slopes"] = as_json(table, interval);
    print(dumped(object));
  } else if (!to_file) {
    print(asked.heading(interval) + "\n" +
          as_text(table, interval, first_rows(table, most_slopes_shown)));
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
      {"where", grid_options()}, answer_output_options("the table"), common_options()};
  command.examples = {
      {"by how much does the probability rise with height?", "tarn slopes ticks.h5 height"},
      {"in each arm of a trial", "tarn slopes trial.h5 'dose by arm'"},
      {"where a curve is steep", "tarn slopes chicks.h5 Time --at 'Time = 0, 10, 20'"}};
  command.run = run_slopes;
  return command;
}

}  // namespace tarn::launcher
