// tarn means: marginal means of a factor's levels, and differences of pairs.
#include "answers/answer_output.hpp"
#include "answers/marginal_means.hpp"
#include "answers/pictures.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fitting/configuration.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_means_shown = 100;

ExitCode means(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.words();
  if (words.size() != 2) {
    throw UsageError(
        "tarn means needs a chain file and a factor, for example: tarn means machines.h5 Machine");
  }
  const GridQuestion question = read_grid_question(arguments);
  MeansPlan plan;
  plan.average_on_response = arguments.choice("average-on", {"link", "response"}) == "response";
  plan.data_weights = arguments.choice("weights", {"equal", "data"}) == "data";
  plan.pairs = arguments.flag("pairs");
  check_answer_output(arguments);
  const AskedFit asked(arguments);
  const MarginalMeans found = marginal_means(asked.fit, asked.predictors, question, plan);
  const Interval& interval = question.interval;
  const bool to_file = arguments.given("output");
  if (to_file) {
    const AnswerTable& table = plan.pairs ? found.pairs : found.means;
    write_answer(arguments, table.title, table, estimates_figure(table, interval), interval);
  }
  if (arguments.flag("json")) {
    nlohmann::ordered_json object = answer_head(asked.fit, question);
    object["average_on"] = plan.average_on_response ? "response" : "link";
    object["weights"] = plan.data_weights ? "data" : "equal";
    object["means"] = as_json(found.means, interval);
    if (plan.pairs) object["pairs"] = as_json(found.pairs, interval);
    print(dumped(object));
    return ExitCode::done;
  }
  if (to_file) return ExitCode::done;
  std::string text = as_text(found.means, interval, first_rows(found.means, most_means_shown));
  if (plan.pairs) {
    text += "\n" + as_text(found.pairs, interval, first_rows(found.pairs, most_means_shown));
  }
  print(asked.heading(interval) + "\n" + text);
  return ExitCode::done;
}

}  // namespace

Command means_command() {
  Command command;
  command.name = "means";
  command.summary = "marginal means of a factor's levels, and differences of pairs";
  command.usage = {"FILE 'FACTOR [by FACTOR]' [options]"};
  command.description =
      "Prints the marginal mean of the response for each level of a factor (by the levels of "
      "others): over a grid that crosses all factors, with columns of numbers at their means "
      "(those "
      "of two values count as factors), averaged over the levels of the other factors with equal "
      "weights. This is what emmeans of R does. With a link the average is taken of the linear "
      "predictor and then transformed; --average-on response averages expected responses. --pairs "
      "adds the differences of all pairs of levels within those of the other named factors, in "
      "each "
      "draw; with a log or logit link ratios and odds ratios. A mean that needs a combination of "
      "levels that no row of the fit had is missing, with the reason.";
  OptionGroup what{"which means", grid_options()};
  what.options.insert(
      what.options.end(),
      {{"pairs", {}, "differences of all pairs of the first factor's levels"},
       {"weights", "equal|data",
        "of the levels that are averaged over: equal, or as frequent as in the data", "equal"},
       {"average-on", "link|response", "what is averaged, where a link bends it", "link"}});
  command.groups = {what, answer_output_options("the means, or with --pairs the pairs"),
                    common_options()};
  command.examples = {{"which machine is better?", "tarn means machines.h5 Machine --pairs"},
                      {"for each worker of the data", "tarn means machines.h5 'Machine by Worker'"},
                      {"at two doses", "tarn means trial.h5 arm --at 'dose = 1, 5' --json"}};
  command.run = means;
  return command;
}

}  // namespace tarn::launcher
