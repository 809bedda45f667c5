// tarn hypothesis: any arithmetic of the parameters, draw by draw.
#include <fmt/format.h>

#include "answers/hypotheses.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/judgement.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"

namespace tarn::launcher {
namespace {

ExitCode hypothesis(const Arguments& arguments) {
  if (arguments.words().size() < 2) {
    throw UsageError(
        "tarn hypothesis needs a chain file and an expression, for example: tarn hypothesis "
        "radon.h5 'b[floor] < 0'");
  }
  const std::string& name = arguments.words().front();
  const Interval interval{arguments.number("ci", 0, 1)};
  const io::ChainFile file(name);
  if (file.posterior().draws() == 0) throw no_draws_yet(name);
  const expressions::Names names(file.posterior().layout());
  std::vector<expressions::Expression> all;
  for (std::size_t k = 1; k < arguments.words().size(); ++k) {
    all.emplace_back(arguments.words()[k], names);
  }
  say_if_unfinished(name, file);
  const std::vector<Hypothesis> found =
      hypotheses(load_plugins(arguments, true), all, file.posterior(), interval);
  if (arguments.flag("json")) {
    print(dumped({{"schema_version", 1},
                  {"file", name},
                  {"chains", file.posterior().chains()},
                  {"draws", file.posterior().draws()},
                  {"complete", file.complete()},
                  {"interval", interval.as_json()},
                  {"hypotheses", as_json(found, interval)}}));
  } else {
    print(fmt::format("{}: {}\n\n{}", name, heading(file, interval.probability),
                      as_text(found, interval)));
  }
  return ExitCode::done;
}

}  // namespace

Command hypothesis_command() {
  Command command;
  command.name = "hypothesis";
  command.summary = "any arithmetic of the parameters: estimate, interval, probability";
  command.usage = {"FILE EXPRESSION... [options]"};
  command.description =
      "Computes each expression in every draw and prints its mean, standard deviation, Monte Carlo "
      "error and interval. Of a comparison, 'a > b', it prints the posterior of a - b, the "
      "probability that it is true with its Monte Carlo error, and the evidence ratio P / (1 - P), "
      "as hypothesis() of brms does for one-sided hypotheses; the interval is equal-tailed, as "
      "everywhere. An equality, 'a = b', has no answer in draws and is refused: ask how probably "
      "the difference is small, 'abs(a - b) < 0.1'. Parameters are called as in 'tarn summary': "
      "b[floor], sd_county[Intercept], r_county[AITKIN,Intercept], sigma; coef_county[...] is "
      "b + r of a group. A label alone (floor) is enough where only one parameter has it; "
      "any other name is written in back quotes. There are + - * / ^, "
      "exp log sqrt abs inv_logit logit pnorm min max, < > <= >=, and, or, not.";
  command.groups = {
      {"what to show",
       {{"ci", "P", "probability of the equal-tailed interval", "0.95"}, json_option()}},
      common_options()};
  command.examples = {
      {"how probable is a negative effect?", "tarn hypothesis radon.h5 'b[floor] < 0'"},
      {"a share of the variance, and a contrast",
       "tarn hypothesis radon.h5 'sd_county^2 / (sd_county^2 + sigma^2)' 'b[B] - b[C]'"},
      {"is the difference of practical interest?",
       "tarn hypothesis fit.h5 'abs(b[B] - b[C]) > 0.1' --json"}};
  command.run = hypothesis;
  return command;
}

}  // namespace tarn::launcher
