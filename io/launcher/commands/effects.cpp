// tarn effects: the expected response over a predictor.
#include <fmt/format.h>

#include "answers/answer_output.hpp"
#include "answers/effects.hpp"
#include "answers/pictures.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fitting/configuration.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_rows_shown = 60;

/// A single effect, or one for each predictor.
std::vector<std::vector<std::string>> effects_asked(const GridQuestion& question,
                                                    const Predictors& predictors) {
  if (!question.names.empty()) return {question.names};
  std::vector<std::vector<std::string>> all;
  for (const Predictor& predictor : predictors.all()) {
    if (!predictor.is_trials) all.push_back({predictor.name});
  }
  if (all.empty()) throw InputError("the model has no predictors, only an intercept and groups");
  return all;
}

std::vector<std::string> names_of(const std::vector<std::vector<std::string>>& asked) {
  std::vector<std::string> names;
  for (const auto& one : asked) names.push_back(one.front());
  return names;
}

ExitCode effects(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.words();
  if (words.empty() || words.size() > 2) {
    throw UsageError(
        "tarn effects needs a chain file and a predictor, for example: tarn effects radon.h5 "
        "'log_uranium by floor'");
  }
  GridQuestion question = read_grid_question(arguments);
  EffectsPlan plan;
  plan.points = arguments.count("points", 2, 10'000);
  plan.average = arguments.flag("average");
  check_answer_output(arguments);
  const AskedFit asked(arguments);
  const LoadedFit& fit = asked.fit;
  const std::vector<std::vector<std::string>> all = effects_asked(question, asked.predictors);
  const bool to_file = arguments.given("output");
  if (to_file && all.size() > 1) {
    arguments.refuse(
        "output", fmt::format("a file holds one effect; name one of {}", list_of(names_of(all))));
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  for (const std::vector<std::string>& names : all) {
    question.names = names;
    const Effect one = effect(fit, asked.predictors, question, plan);
    list.push_back(as_json(one.table, question.interval));
    text += '\n' + as_text(one.table, question.interval, one.rows_to_show(most_rows_shown));
    if (to_file) {
      write_answer(arguments, "effect of " + list_of(names), one.table,
                   effect_figure(fit, question, one), question.interval);
    }
  }
  if (arguments.flag("json")) {
    nlohmann::ordered_json object = answer_head(fit, question);
    object["average"] = plan.average;
    object["effects"] = std::move(list);
    print(dumped(object));
  } else if (!to_file) {
    print(asked.heading(question.interval) + text);
  }
  return ExitCode::done;
}

}  // namespace

Command effects_command() {
  Command command;
  command.name = "effects";
  command.summary = "the expected response over a predictor, with its interval";
  command.usage = {"FILE ['A by B'] [options]"};
  command.description =
      "Prints the expected response over the range of a predictor (or its levels), by the levels "
      "of "
      "others (numbers: at their mean and one standard deviation about it), with its interval. All "
      "other predictors are held at their means, factors at their first levels, or at what --at "
      "says; with --average they keep their values in every row of the data, over which the "
      "expected responses are averaged. Group effects are left out unless --group or --new-groups "
      "says otherwise. Without a predictor: one table for each.";
  OptionGroup what{"where", grid_options()};
  what.options.push_back({"average", {}, "average over the rows of the data (g-computation)"});
  what.options.push_back(
      {"points", "N", "of a curve over numbers; with --average at most 21", "101"});
  command.groups = {what, answer_output_options("all rows"), common_options()};
  command.examples = {
      {"a curve for each level of a factor", "tarn effects chicks.h5 'Time by Diet'"},
      {"for three counties, with their effects",
       "tarn effects radon.h5 floor --group county --at 'county = AITKIN, ANOKA, HENNEPIN'"},
      {"the average probability over the data", "tarn effects seeds.h5 extract --average"}};
  command.run = effects;
  return command;
}

}  // namespace tarn::launcher
