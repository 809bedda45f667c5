// tarn effects: the expected response over a predictor.
#include <filesystem>

#include <fmt/format.h>

#include "answers/effects.hpp"
#include "answers/pictures.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/judgement.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
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
  const std::filesystem::path out = arguments.text("output");
  check_answer_output(arguments);
  const Registry registry = load_plugins(arguments, true);
  const LoadedFit fit(words.front(), registry);
  const Predictors predictors(fit);
  say_if_unfinished(fit);
  const std::vector<std::vector<std::string>> asked = effects_asked(question, predictors);
  if (!out.empty() && asked.size() > 1) {
    arguments.refuse(
        "output", fmt::format("a file holds one effect; name one of {}", list_of(names_of(asked))));
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text, remark;
  for (const std::vector<std::string>& names : asked) {
    question.names = names;
    const Effect one = effect(fit, predictors, question, plan);
    list.push_back(as_json(one.table, question.interval));
    text += '\n' + as_text(one.table, question.interval, one.rows_to_show(most_rows_shown));
    if (!out.empty()) {
      remark = write_answer(out, one.table, effect_figure(fit, question, one), question.interval,
                            arguments.flag("force"));
    }
  }
  if (arguments.flag("json")) {
    nlohmann::ordered_json object = answer_head(fit, question);
    object["average"] = plan.average;
    object["effects"] = std::move(list);
    print(dumped(object));
  } else if (out.empty()) {
    print(fmt::format("{}: {}\n{}", words.front(),
                      heading(fit.file(), question.interval.probability), text));
  } else if (!arguments.flag("quiet")) {
    say(fmt::format("effect of {}: {}", list_of(asked.front()),
                    remark.empty() ? out.string() : remark));
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
  command.groups = {
      what,
      {"what comes out",
       {{"output", "FILE", "all rows (.csv), or a figure (.html, .svg, .vl.json)", {}, false, 'o'},
        {"force", {}, "replace the file if there is one"},
        json_option(),
        quiet_option()}},
      common_options()};
  command.examples = {
      {"a curve for each level of a factor", "tarn effects chicks.h5 'Time by Diet'"},
      {"for three counties, with their effects",
       "tarn effects radon.h5 floor --group county --at 'county = AITKIN, ANOKA, HENNEPIN'"},
      {"the average probability over the data", "tarn effects seeds.h5 extract --average"}};
  command.run = effects;
  return command;
}

}  // namespace tarn::launcher
