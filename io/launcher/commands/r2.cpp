// tarn r2: how much of the variance is explained, and by what.
#include "answers/answer_output.hpp"
#include "answers/r_squared.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fitting/configuration.hpp"

namespace tarn::launcher {
namespace {

ExitCode r2(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.words();
  if (words.size() != 1) {
    throw UsageError("tarn r2 needs one chain file, for example: tarn r2 radon.h5");
  }
  GridQuestion question = read_grid_question(arguments);
  const AskedFit asked(arguments);
  const RSquared found =
      r_squared(asked.fit, asked.predictors, question, arguments.flag("residual-based"));
  const Interval& interval = question.interval;
  if (arguments.flag("json")) {
    nlohmann::ordered_json object = answer_head(asked.fit, question);
    object["r2"] = as_json(found.r2, interval);
    object["variances"] = as_json(found.variances, interval);
    if (!found.icc.rows.empty()) object["icc"] = as_json(found.icc, interval);
    print(dumped(object));
    return ExitCode::done;
  }
  const auto text_of = [&](const AnswerTable& table) {
    return as_text(table, interval, first_rows(table, table.rows.size()));
  };
  std::string text = text_of(found.r2) + "\n" + text_of(found.variances);
  if (!found.icc.rows.empty()) text += "\n" + text_of(found.icc);
  print(asked.heading(interval) + "\n" + text);
  return ExitCode::done;
}

}  // namespace

Command r2_command() {
  Command command;
  command.name = "r2";
  command.summary = "R² with and without group effects, shares of the variance, ICC";
  command.usage = {"FILE [options]"};
  command.description =
      "Prints the share of the response's variance that the model explains, draw by draw: with the "
      "groups' effects (conditional), the variance of the expected responses over itself plus the "
      "modelled residual variance (Gelman et al. 2019); without them (marginal), on the scale of "
      "the linear predictor. Then the variance of each part of the predictor, with its share, and "
      "intraclass correlations. With random slopes the variance of a grouping is its mean over "
      "the rows of the data; --at says where instead. With a link the residual variance is that of "
      "the latent scale, which is named (Nakagawa, Johnson & Schielzeth 2017).";
  command.groups = {
      {"what to show",
       {{"residual-based", {}, "also with the variance of the residuals, as bayes_R2() of brms"},
        {"at", "'NAME = VALUES; ...'", "where the variances of groups are taken"},
        {"ci", "P", "probability of the equal-tailed interval", "0.95"},
        {"max-draws", "N", "so many draws, evenly spaced; by default all unless rows are many"},
        {"threads", "N", "threads; by default one on every processor"},
        json_option()}},
      common_options()};
  command.examples = {{"everything", "tarn r2 radon.h5"},
                      {"of a growth curve at its start", "tarn r2 sleep.h5 --at 'Days = 0'"},
                      {"as brms has it", "tarn r2 radon.h5 --residual-based --json"}};
  command.run = r2;
  return command;
}

}  // namespace tarn::launcher
