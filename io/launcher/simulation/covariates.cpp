// Makes the covariates of a simulation. Rows with missing values go first.
#include "simulation/covariates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "command_line/reading.hpp"
#include "command_line/terminal.hpp"
#include "fitting/centering.hpp"
#include "report/numbers.hpp"
#include "simulation/design_text.hpp"
#include "tarn/io/table_reader.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {

Column column_of_levels(const Response& response, const Vector& number) {
  Column column{.name = response.columns.front(), .is_text = !response.levels_are_numbers};
  if (column.is_text) column.levels = response.levels;
  for (const double k : number) {
    if (column.is_text) {
      column.codes.push_back(static_cast<std::int32_t>(k) - 1);
    } else {
      column.numbers.push_back(std::stod(response.levels[static_cast<std::size_t>(k) - 1]));
    }
  }
  return column;
}

namespace {

struct Source {
  std::shared_ptr<const Table> table;
  std::vector<std::string> formulas;
};

Source read_source(const Arguments& arguments, std::uint64_t seed) {
  if (!arguments.given("design")) {
    const Question asked = question(arguments);
    return {io::read_table(asked.files, read_reading(arguments)), asked.formulas};
  }
  std::vector<std::string> formulas = arguments.texts("formula");
  bool has_file = false;
  for (const std::string& word : arguments.words()) {
    has_file = has_file || word.find('~') == std::string::npos || arguments.given("formula");
    formulas.push_back(word);
  }
  if (arguments.given("data")) arguments.refuse("design", "it stands in the place of DATA");
  if (formulas.empty() || has_file) {
    throw UsageError(
        "--design stands in the place of DATA; beside it there is a formula, such "
        "as 'y ~ x + (1 | g)', and no file");
  }
  return {std::make_shared<const Table>(design_table(arguments.text("design"), seed)),
          std::move(formulas)};
}

/// Rows without missing values in these columns, of all columns.
Table complete_rows(const Table& table, const std::vector<std::string>& names) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const bool missing = std::ranges::any_of(table.columns, [&](const Column& column) {
      const bool used = names.empty() || std::ranges::find(names, column.name) != names.end();
      return used && (column.is_text ? column.codes[i] < 0 : std::isnan(column.numbers[i]));
    });
    if (!missing) kept.push_back(i);
  }
  if (kept.size() == table.rows) return table;
  Table result = table;
  result.rows = kept.size();
  for (Column& column : result.columns) {
    Column rows = column;
    rows.missing = 0;
    rows.numbers.clear();
    rows.codes.clear();
    for (const std::size_t i : kept) {
      if (column.is_text)
        rows.codes.push_back(column.codes[i]);
      else
        rows.numbers.push_back(column.numbers[i]);
    }
    const auto absent = [](double x) { return std::isnan(x); };
    rows.missing = std::size_t(column.is_text ? std::ranges::count(rows.codes, -1)
                                              : std::ranges::count_if(rows.numbers, absent));
    column = std::move(rows);
  }
  return result;
}

/// A response of mean 0 and standard deviation 1; where the family cannot have it, numbers with
/// such a logarithm or logit, or failures and successes in turn.
std::vector<double> made_up(const Family& family, std::size_t rows) {
  const double n = double(rows), pairs = double(rows / 2);
  std::vector<double> normal(rows), coins(rows), positive(rows), shares(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const double sign = i % 2 == 0 ? 1 : -1;
    normal[i] = i + 1 == rows && rows % 2 == 1 ? 0 : sign * std::sqrt((n - 1) / (2 * pairs));
    coins[i] = double(i % 2);
    positive[i] = std::exp(normal[i]);
    shares[i] = to_mean(Link::logit, normal[i]);
  }
  for (auto& values : {normal, positive, coins, shares}) {
    const auto refused = [&](double y) { return family.refuses(y, 1).has_value(); };
    if (std::ranges::none_of(values, refused)) return values;
  }
  throw InputError(
      "the data have no response, and none of the usual ones can be of this family; name a data "
      "file that has one");
}

/// What made_up() does, in words.
std::string in_words(ResponseKind kind, const std::string& response) {
  if (kind == ResponseKind::category) return fmt::format("{} had its levels in turn", response);
  if (is_discrete(kind))
    return fmt::format("{} were 0 in half of the rows and 1 in the others", response);
  std::string what = response;
  if (kind == ResponseKind::proportion) what = fmt::format("logit({})", response);
  if (kind == ResponseKind::positive) what = fmt::format("log({})", response);
  if (kind == ResponseKind::nonnegative)
    what = fmt::format("{0} were above 0 and log({0})", response);
  return what + " had mean 0 and standard deviation 1";
}

/// A column whose response has its levels in turn.
Column in_turn(const Response& response, std::size_t rows) {
  if (response.levels.empty()) {
    throw InputError(fmt::format(
        "the data have no response '{0}', and its categories are not known; write factor({0}, "
        "levels = c(1, 2, 3)) ~ ..., or name a data file that has one",
        response.text));
  }
  Vector number(as_index(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    number[as_index(i)] = static_cast<double>(i % response.levels.size() + 1);
  }
  return column_of_levels(response, number);
}

/// A column whose response has these values.
Column made_up(const Response& response, const std::vector<double>& values) {
  if (!response.column) {
    throw InputError(fmt::format(
        "the data have no response '{}', and its column cannot be worked out from it; write the "
        "formula for a plain column, such as y ~ ...",
        response.text));
  }
  Column column{.name = response.columns.front()};
  for (const double z : values) {
    column.numbers.push_back(response.column(z));
    if (!std::isfinite(column.numbers.back())) {
      throw InputError(fmt::format(
          "the data have no column '{}', and a normal '{}' may be a number that no value of it "
          "gives; write the formula for a response that may be any number, such as log({})",
          column.name, response.text, column.name));
    }
  }
  return column;
}

}  // namespace

OptionGroup simulation_options() {
  OptionGroup group = data_options();
  group.options.insert(group.options.begin(), {"design", "'NAME: WHAT; ...'",
                                               "columns made of words, in the place of DATA"});
  group.options.insert(group.options.end(),
                       {{"model", "NAME", "model; by default the most specific that fits"},
                        {"prior", "'KEY ~ DENSITY'", "a prior, as for tarn fit", {}, true}});
  return group;
}

Covariates read_covariates(const Registry& registry, const Arguments& arguments,
                           std::uint64_t seed) {
  check_data_options(arguments);
  const Source from = read_source(arguments, seed);
  Covariates result;
  result.formulas = from.formulas;
  result.response = response_of(from.formulas.front());
  const auto absent = [&](const std::string& name) { return from.table->find(name) == nullptr; };
  result.has_response = std::ranges::none_of(result.response.columns, absent);
  Table table = *from.table;
  result.scaled_as =
      in_words(response_kind(registry, arguments.text("family")), result.response.text);
  if (!result.has_response) {
    const bool ordinal =
        response_kind(registry, arguments.text("family")) == ResponseKind::category;
    if (result.response.columns.size() == 1 && ordinal) {
      table.columns.push_back(in_turn(result.response, table.rows));
    } else if (result.response.columns.size() == 1) {
      const auto family = make_family(registry, arguments.text("family"));
      table.columns.push_back(made_up(result.response, made_up(*family, table.rows)));
    }  // else the formula's own message names what is missing
  }
  table = complete_rows(table, formula_columns(from.formulas));
  result.table = std::make_shared<const Table>(std::move(table));
  FormulaOptions options;
  set_centering(arguments.text("center"), options);
  set_family(registry, arguments.text("family"), options);
  result.parsed = make_design(from.formulas, result.table, options);
  if (result.parsed.design.rows->count() != result.table->rows) {
    throw InputError(
        "some rows have weight 0: they say nothing, and nothing can be simulated for "
        "them; take them out of the data");
  }
  set_family(registry, arguments.text("family"), result.parsed.design, result.parsed.row_numbers);
  return result;
}

Simulator make_simulator(const Registry& registry, const Arguments& arguments,
                         const Design& design) {
  const auto [model, reason] = choose_model(registry, arguments, design);
  Simulator result;
  result.priors = make_priors(arguments, *model.type, design);
  for (const ParameterPrior& prior : result.priors.all()) {
    if (prior.density.proper()) continue;
    throw InputError(
        fmt::format("prior '{}' is flat: nothing can be drawn from it; give it a proper one with "
                    "--prior, such as normal(0, 10)",
                    prior.text()));
  }
  result.type = narrowed(*model.type, design, result.priors);
  result.reason = reason;
  result.plugin = model.plugin;
  for (const std::string_view needed : {PriorDraws::id, Predictive::id}) {
    if (std::ranges::find(result.type.offers, needed) != result.type.offers.end()) continue;
    throw PluginError(fmt::format("model '{}' does not offer {}: it cannot simulate data",
                                  result.type.name, needed));
  }
  result.settings = Settings(result.type.settings, {}, "model '" + result.type.name + "'");
  return result;
}

std::uint64_t read_seed(const Arguments& arguments) {
  return arguments.given("seed")
             ? arguments.count("seed", 0, std::numeric_limits<std::uint64_t>::max())
             : std::random_device{}();
}

std::string described(const Covariates& covariates) {
  std::string text = count_of(covariates.table->rows, "row");
  for (const Grouping& grouping : covariates.parsed.design.groupings) {
    text += fmt::format(", {} of {}", count_of(grouping.levels.size(), "level"), grouping.name);
  }
  return text;
}

}  // namespace tarn::launcher
