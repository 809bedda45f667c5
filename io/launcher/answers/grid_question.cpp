// Reads the options of a grid, and says what they mean.
#include "answers/grid_question.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "report/numbers.hpp"
#include "tarn/error.hpp"
#include "tarn/family.hpp"
#include "tarn/response.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

std::string stripped(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  const bool quoted = text.size() > 1 && text.front() == '`' && text.back() == '`';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::string column_of_response(const LoadedFit& fit) {
  return response_of(fit.config().at("formula").get<std::string>()).columns.front();
}

}  // namespace

bool GridQuestion::asks_for(const std::string& column) const {
  return std::ranges::find(names, column) != names.end();
}

std::vector<Option> grid_options() {
  return {{"at", "'NAME = VALUES; ...'",
           "what predictors are held at, instead of the mean or the first level: 'x = 1, 2', "
           "'x = 0:21 by 3', 'x = mean + sd', 'g = a, b', 'g': all levels"},
          {"group", "NAME", "for the known levels of this grouping, with their effects", {}, true},
          {"new-groups", "population|average",
           "all other groups: none of their effects, or the average over new groups, which a link "
           "bends",
           "population"},
          {"scale", "response|link", "the expected response, or the linear predictor", "response"},
          {"original", "median|mean",
           "where the formula's left side is a transformed column, log(y): back to y, whose median "
           "and mean differ"},
          {"ci", "P", "probability of the equal-tailed interval", "0.95"},
          {"max-draws", "N", "so many draws, evenly spaced; by default all unless rows are many"},
          {"threads", "N", "threads; by default one on every processor"}};
}

std::vector<std::string> names_by(const std::string& text) {
  std::vector<std::string> names;
  std::size_t from = 0;
  for (std::size_t at = text.find(" by "); at != std::string::npos; at = text.find(" by ", from)) {
    names.push_back(stripped(text.substr(from, at - from)));
    from = at + 4;
  }
  names.push_back(stripped(text.substr(from)));
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (names[k].empty()) {
      throw UsageError(fmt::format("'{}': write a column, or 'A by B'", shown(text)));
    }
    if (std::find(names.begin(), names.begin() + as_index(k), names[k]) !=
        names.begin() + as_index(k)) {
      throw UsageError(fmt::format("'{}' names {} twice", shown(text), shown(names[k])));
    }
  }
  return names;
}

namespace {

/// Of an option that not every command has.
std::string choice_of(const Arguments& arguments, const std::string& option,
                      const std::vector<std::string>& choices) {
  return arguments.given(option) ? arguments.choice(option, choices) : choices.front();
}

}  // namespace

GridQuestion read_grid_question(const Arguments& arguments) {
  GridQuestion question;
  if (arguments.words().size() > 1) question.names = names_by(arguments.words()[1]);
  question.at = arguments.text("at");
  question.groups = arguments.texts("group");
  question.new_groups = choice_of(arguments, "new-groups", {"population", "average"}) == "average";
  question.response = choice_of(arguments, "scale", {"response", "link"}) == "response";
  if (arguments.given("original")) {
    question.original = arguments.choice("original", {"median", "mean"});
  }
  question.interval.probability = arguments.number("ci", 0, 1);
  question.threads = arguments.given("threads") ? arguments.count("threads", 1, 4096)
                                                : std::max(1U, std::thread::hardware_concurrency());
  if (arguments.given("max-draws")) {
    question.most_draws = arguments.count("max-draws", 1, 1'000'000'000);
  }
  return question;
}

void add_stated_axes(std::vector<GridAxis>& axes, const GridQuestion& question,
                     const Predictors& predictors) {
  for (GridAxis& stated : read_at(question.at, predictors, true)) {
    const auto same = std::ranges::find(axes, stated.column, &GridAxis::column);
    if (same != axes.end()) {
      *same = std::move(stated);
      continue;
    }
    const bool groups = std::ranges::any_of(
        predictors.groupings(), [&](const Predictor& one) { return one.name == stated.column; });
    if (groups && std::ranges::find(question.groups, stated.column) == question.groups.end()) {
      throw UsageError(
          fmt::format("--at {0}: it only groups; say --group {0}, too, for the effects "
                      "of these levels",
                      shown(stated.column)));
    }
    axes.push_back(std::move(stated));
  }
  for (const std::string& group : question.groups) {
    const std::vector<std::string>& known = predictors.grouping_columns();
    if (std::ranges::find(known, group) == known.end()) {
      throw UsageError(
          fmt::format("--group {}: the model has no such grouping; {}its groups are of "
                      "{}",
                      shown(group), did_you_mean(group, known), list_of(known)));
    }
    if (std::ranges::find(axes, group, &GridAxis::column) != axes.end()) continue;
    axes.push_back(all_levels(predictors.at(group, true)));
  }
}

void take_groups(GridQuestion& question, const Predictors& predictors) {
  for (const std::string& name : question.names) {
    const bool groups = std::ranges::any_of(predictors.groupings(),
                                            [&](const Predictor& p) { return p.name == name; });
    if (groups && std::ranges::find(question.groups, name) == question.groups.end()) {
      question.groups.push_back(name);
    }
  }
}

MissingGroup rule_of(const GridQuestion& question) {
  return question.groups.empty() ? MissingGroup::ignored : MissingGroup::shared;
}

std::vector<std::size_t> left_out_groupings(const LoadedFit& fit, const GridQuestion& question,
                                            const NewRows& rows) {
  const Design& design = fit.design();
  const Rows all = all_rows_of(*rows.rows);
  const auto levels = all.levels();
  std::vector<std::size_t> left_out;
  for (std::size_t g = 0; g < design.groupings_in_all(); ++g) {
    const std::string& name = design.grouping(g).name;
    // All columns of g1:g2 must be named.
    std::string rest = name;
    bool named = !question.groups.empty();
    while (named && !rest.empty()) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      named = std::ranges::find(question.groups, rest.substr(0, colon)) != question.groups.end();
      rest.erase(0, std::min(colon + 1, rest.size()));
    }
    named = named || std::ranges::find(question.groups, name) != question.groups.end();
    if (!named) {
      left_out.push_back(g);
      continue;
    }
    for (std::size_t i = 0; i < levels[g]->size(); ++i) {
      const auto level = as_size((*levels[g])[i]);
      if (level < rows.known[g]) continue;
      throw UsageError(
          fmt::format("no row of the fit has {} = {}, so it has no effects; name "
                      "levels in --at that occur together",
                      name, shown(rows.groupings[g].levels[level])));
    }
  }
  return left_out;
}

LinearPlan linear_plan(const LoadedFit& fit, const GridQuestion& question,
                       std::vector<std::size_t> left_out, std::size_t rows) {
  LinearPlan plan;
  plan.response = question.response;
  plan.left_out = std::move(left_out);
  plan.new_groups = question.new_groups;
  plan.threads = question.threads;
  plan.rows = rows;
  plan.most_draws = question.most_draws;
  if (question.original.empty()) return plan;
  const Response response = response_of(fit.config().at("formula").get<std::string>());
  const std::string& family = fit.design().family_name;
  const bool normal = family == "gaussian";
  if (!response.column || response.columns.front() == response.text) {
    throw UsageError(fmt::format("--original {}: {}", question.original,
                                 response.column ? "the response is a column as it stands"
                                                 : "there is no way back from " + response.text));
  }
  if (!question.response || !(normal || (family == "student" && question.original == "median"))) {
    throw UsageError(fmt::format(
        "--original {}: {}", question.original,
        question.response
            ? "the response must be normal (the median also of family student)"
            : "the scale of the link is not that of the response; leave --scale link out"));
  }
  plan.back = response.column;
  plan.mean_of_column = question.original == "mean";
  return plan;
}

std::size_t rows_to_average(const LoadedFit& fit, const GridQuestion& question, std::size_t rows) {
  const Family& family = *fit.design().family;
  const bool linear = family.link() == Link::identity && family.predicts() == "y";
  return !question.response || (linear && question.original.empty()) ? 1 : rows;
}

std::string quantity_text(const LoadedFit& fit, const GridQuestion& question) {
  const std::string& response = fit.design().response;
  const Link link = fit.design().family->link();
  if (!question.original.empty()) return question.original + " of " + column_of_response(fit);
  if (question.response || link == Link::identity) {
    return question.response ? "expected " + response : "linear predictor of " + response;
  }
  return fmt::format("linear predictor of {} ({} link)", response, to_string(link));
}

std::vector<std::string> notes_on(const LoadedFit& fit, const GridQuestion& question,
                                  const std::string& held) {
  std::vector<std::string> notes;
  if (!held.empty()) notes.push_back("held at: " + held);
  const Design& design = fit.design();
  if (design.groupings_in_all() > 0) {
    std::vector<std::string> others;
    for (std::size_t g = 0; g < design.groupings_in_all(); ++g) {
      const std::string& name = design.grouping(g).name;
      if (std::ranges::find(question.groups, name) == question.groups.end() &&
          std::ranges::find(others, name) == others.end()) {
        others.push_back(name);
      }
    }
    std::string groups;
    if (!question.groups.empty()) {
      groups = fmt::format("effects of known levels of {}", list_of(question.groups));
    }
    if (!others.empty()) {
      groups += groups.empty() ? "" : "; ";
      groups += question.new_groups
                    ? fmt::format("the average over new levels of {}", list_of(others))
                    : fmt::format("none of {} (the population)", list_of(others));
    }
    notes.push_back("group effects: " + groups);
  }
  const Link link = design.family->link();
  if (!question.original.empty()) {
    notes.push_back(fmt::format("scale: the {} of {}, taken back from {}", question.original,
                                column_of_response(fit), design.response));
    return notes;
  }
  notes.push_back(question.response
                      ? fmt::format("scale: the response, as the formula's left side has it ({})",
                                    design.response)
                      : fmt::format("scale: the linear predictor{}",
                                    link == Link::identity
                                        ? std::string()
                                        : fmt::format(" ({} link)", to_string(link))));
  return notes;
}

nlohmann::ordered_json answer_head(const LoadedFit& fit, const GridQuestion& question) {
  return {{"schema_version", 1},
          {"file", fit.path().string()},
          {"response", fit.design().response},
          {"scale", question.response ? "response" : "link"},
          {"link", to_string(fit.design().family->link())},
          {"original", question.original},
          {"new_groups", question.new_groups ? "average" : "population"},
          {"chains", fit.file().posterior().chains()},
          {"draws", fit.file().posterior().draws()},
          {"complete", fit.file().complete()},
          {"interval", question.interval.as_json()}};
}

std::string draws_note(const LinearDraws& draws) {
  return fmt::format("from {}, evenly spaced: there are many rows (--max-draws changes it)",
                     count_of(draws.draws(), "draw"));
}

}  // namespace tarn::launcher
