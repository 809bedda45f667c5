// tarn groups: the groups of a fit, ranked.
#include <fmt/format.h>

#include "answers/answer_output.hpp"
#include "answers/group_ranks.hpp"
#include "answers/pictures.hpp"
#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/judgement.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/numbers.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_groups_shown = 25;

/// b + r of the levels, for files.
AnswerTable table_of(const GroupRanking& ranking, const GroupColumn& column, std::size_t most) {
  AnswerTable table;
  table.title = what_it_is(column);
  table.columns = {column.grouping};
  for (const RankedGroup& group : ranking.groups) {
    if (table.rows.size() == most) break;
    table.rows.push_back({.cells = {group.level}, .value = group.value});
  }
  return table;
}

ExitCode groups(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.words();
  if (words.empty() || words.size() > 2) {
    throw UsageError(
        "tarn groups needs a chain file and a grouping, for example: tarn groups radon.h5 county");
  }
  RankPlan plan;
  plan.interval.probability = arguments.number("ci", 0, 1);
  plan.first = arguments.count("top", 1, 1'000'000'000);
  plan.lowest_first = arguments.flag("lowest");
  plan.pairs = arguments.texts("pair");
  check_answer_output(arguments);
  const io::ChainFile file(words.front());
  const Draws& draws = file.posterior();
  if (draws.draws() == 0) throw no_draws_yet(words.front());
  const GroupColumn column = find_group_column(
      draws.layout(), words.size() > 1 ? words[1] : std::string(), arguments.text("term"));
  say_if_unfinished(words.front(), file);
  const GroupRanking ranking = rank_groups(load_plugins(arguments, true), draws, column, plan);
  if (arguments.given("output")) {
    const AnswerTable table =
        table_of(ranking, column, arguments.given("top") ? plan.first : ranking.groups.size());
    write_answer(arguments, table.title, table, estimates_figure(table, plan.interval),
                 plan.interval);
  }
  if (arguments.flag("json")) {
    nlohmann::ordered_json object{
        {"schema_version", 1},         {"file", words.front()},
        {"chains", draws.chains()},    {"draws", draws.draws()},
        {"complete", file.complete()}, {"interval", plan.interval.as_json()}};
    object.update(as_json(ranking, column, plan));
    print(dumped(object));
    return ExitCode::done;
  }
  if (arguments.given("output")) return ExitCode::done;
  const std::size_t shown = arguments.flag("all")    ? ranking.groups.size()
                            : arguments.given("top") ? plan.first
                                                     : most_groups_shown;
  std::string text =
      fmt::format("{}: {}\n{}", words.front(), heading(file, plan.interval.probability),
                  as_text(ranking, column, plan, shown));
  if (ranking.rank_draws < draws.chains() * draws.draws()) {
    text += fmt::format("(ranks are of {}, evenly spaced: there are many levels)\n",
                        count_of(ranking.rank_draws, "draw"));
  }
  print(text);
  return ExitCode::done;
}

}  // namespace

Command groups_command() {
  Command command;
  command.name = "groups";
  command.summary = "groups ranked: b + r of each, its rank with an interval, who is first";
  command.usage = {"FILE [GROUPING] [options]"};
  command.description =
      "Prints, for every level of a grouping, the population's coefficient plus the level's "
      "deviation (b + r) with its interval, the mean and interval of its rank, and the probability "
      "that it is among the first. Ranks are computed within each draw, so that they tell how sure "
      "an order is; an interval from 3 to 60 says that it is not. Levels stand in the order of "
      "their mean ranks.";
  command.groups = {
      {"what to show",
       {{"top", "K", "the first K levels, and the probability to be among the first K", "1"},
        {"term", "NAME", "which effects; by default Intercept, where there is one"},
        {"lowest", {}, "the lowest is the first"},
        {"pair", "'A > B'", "how probably level A is above level B", {}, true},
        {"all", {}, "every level"},
        {"ci", "P", "probability of the equal-tailed intervals", "0.95"}}},
      answer_output_options("the levels"),
      common_options()};
  command.examples = {
      {"which five counties have most radon?", "tarn groups radon.h5 county --top 5"},
      {"where does the floor matter least?", "tarn groups radon.h5 county --term floor --top 3"},
      {"two counties", "tarn groups radon.h5 county --pair 'HENNEPIN > RAMSEY'"}};
  command.run = groups;
  return command;
}

}  // namespace tarn::launcher
