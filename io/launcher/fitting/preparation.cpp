// Prepares a fit: checks come before work, and cheap work before expensive work.
#include "fitting/preparation.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "command_line/reading.hpp"
#include "command_line/terminal.hpp"
#include "fitting/centering.hpp"
#include "tarn/error.hpp"
#include "tarn/io/table_reader.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

std::optional<std::string> refusal(const ModelType& model, const Design& design) {
  return guarded("model", model.name, "refuses()", [&] { return model.refuses(design); });
}

std::vector<std::string> models_accepting(const Registry& registry, const Design& design) {
  std::vector<std::string> names;
  for (const auto& plugin : registry.plugins()) {
    for (const ModelType& model : plugin->types.models) {
      if (!refusal(model, design)) names.push_back(model.name);
    }
  }
  return names;
}

std::vector<std::string> names_of(const std::vector<Setting>& settings) {
  std::vector<std::string> names;
  for (const Setting& setting : settings) names.push_back(setting.name);
  return names;
}

/// What --set names.
std::vector<std::string> names_set(const Arguments& arguments) {
  std::vector<std::string> names;
  for (const std::string& text : arguments.texts("set")) {
    names.push_back(text.substr(0, text.find('=')));
  }
  return names;
}

/// Where each row has a level of its own, only the sum of the level's variance and sigma^2 is in
/// the likelihood, which falls as its root to the power of rows less flat coefficients. Flat priors
/// of standard deviations add a power each (of variances two); what remains must have an integral.
void refuse_improper(const Design& design, const Priors& priors) {
  if (design.known_errors) return;
  const std::size_t n = design.rows->count();
  std::vector<std::string> flat;
  std::size_t powers = 0, coefficients = 0;
  for (const ParameterPrior& prior : priors.all()) {
    // sigma with a formula is no standard deviation of one number.
    if (prior.density.proper() || !prior.parameter.subject.parameter.empty()) continue;
    const Subject::Kind kind = prior.parameter.subject.kind;
    if (kind == Subject::Kind::coefficient) {
      ++coefficients;
    } else if (kind == Subject::Kind::group_sd || kind == Subject::Kind::residual_sd) {
      flat.push_back("'" + prior.text() + "'");
      powers += prior.on_square ? 2 : 1;
    }
  }
  for (const GroupTerm& term : design.terms) {
    const Grouping& grouping = design.groupings[term.grouping];
    if (grouping.levels.size() != n || flat.empty() || n > powers + coefficients) continue;
    throw InputError(
        fmt::format("'{}' has a level for each of the {} rows, and with the flat prior{} {} the "
                    "posterior is improper; give proper priors, such as half_normal(1)",
                    grouping.name, n, flat.size() == 1 ? "" : "s", list_of(flat)));
  }
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Registry load_plugins(const Arguments& arguments, bool quiet) {
  std::vector<std::filesystem::path> given;
  for (const std::string& folder : arguments.texts("plugin-path")) given.emplace_back(folder);
  Registry registry(plugin_folders(given));
  if (!quiet) {
    for (const RefusedPlugin& refused : registry.refused_so_far()) {
      warn(fmt::format("plugin '{}' is refused: {}", refused.file.string(), refused.reason));
    }
  }
  return registry;
}

Question question(const Arguments& arguments) {
  Question result{arguments.texts("data"), arguments.texts("formula")};
  const bool formula_given = arguments.given("formula");
  for (const std::string& word : arguments.words()) {
    const bool is_file = formula_given || word.find('~') == std::string::npos;
    (is_file ? result.files : result.formulas).push_back(word);
  }
  if (result.formulas.empty()) {
    throw UsageError("there is no formula; write one in quotes, for example 'y ~ x + (1 | g)'");
  }
  if (result.files.empty()) {
    throw UsageError(fmt::format(
        "there is no data file; name a .csv file, or - for standard input{}",
        result.formulas.size() > 1 ? "; a file whose name holds a ~ goes with --data" : ""));
  }
  return result;
}

void check_data_options(const Arguments& arguments) {
  arguments.choice("center", {"yes", "no", "population"});
  arguments.choice("na", {"drop", "error"});
  read_reading(arguments);
}

Data read_data(const Registry& registry, const Arguments& arguments, const Question& question) {
  check_data_options(arguments);
  FormulaOptions options;
  set_centering(arguments.text("center"), options);
  options.drop_missing = arguments.text("na") == "drop";
  set_family(registry, arguments.text("family"), options);

  Data data;
  Stopwatch watch;
  io::TableOptions reading = read_reading(arguments);
  reading.columns = formula_columns(question.formulas);
  data.table = io::read_table(question.files, reading);
  data.reading = watch.lap();
  data.parsed = make_design(question.formulas, data.table, options);
  set_family(registry, arguments.text("family"), data.parsed.design, data.parsed.row_numbers);
  return data;
}

void check_names(const Registry& registry, const Arguments& arguments) {
  response_kind(registry, arguments.text("family"));  // throws for a family that is not there
  if (arguments.given("model")) registry.model(arguments.text("model"));
  if (arguments.given("sampler")) registry.sampler(arguments.text("sampler"));
}

ModelChoice choose_model(const Registry& registry, const Arguments& arguments,
                         const Design& design) {
  if (!arguments.given("model")) {
    return {registry.model_for(design), "the most specific that takes the formula"};
  }
  const auto found = registry.model(arguments.text("model"));
  if (const auto reason = refusal(*found.type, design)) {
    throw InputError(fmt::format("model '{}' cannot take this formula: {}; models that can: {}",
                                 found.type->name, *reason,
                                 list_of(models_accepting(registry, design))));
  }
  return {found, "as asked"};
}

SamplerChoice choose_sampler(const Registry& registry, const Arguments& arguments,
                             const ModelType& model) {
  if (arguments.given("sampler")) {
    const auto found = registry.sampler(arguments.text("sampler"));
    registry.check_fit(*found.type, model);
    return {found, "as asked"};
  }
  const auto best = registry.sampler_for(model);
  const std::vector<std::string> wanted = names_set(arguments);
  if (wanted.empty()) return {best, "the best that fits it"};

  std::vector<std::string> known = names_of(model.settings);
  for (const std::string& name : registry.samplers_fitting(model)) {
    const auto found = registry.sampler(name);
    std::vector<std::string> takes = names_of(model.settings);
    for (const std::string& option : names_of(found.type->settings)) {
      takes.push_back(option);
      known.push_back(option);
    }
    if (std::ranges::all_of(wanted, [&](const auto& option) { return contains(takes, option); })) {
      return {found, found.type == best.type ? "the best that fits it"
                                             : "the best that fits it and takes what --set says"};
    }
  }
  for (const std::string& option : wanted) {
    if (contains(known, option)) continue;
    throw UsageError(fmt::format(
        "--set {}=...: neither model '{}' nor a sampler that fits it has an option '{}'; {}there "
        "are: {}",
        option, model.name, option, did_you_mean(option, known), list_of(known)));
  }
  return {best, "the best that fits it"};
}

Priors make_priors(const Arguments& arguments, const ModelType& model, const Design& design) {
  auto parameters =
      guarded("model", model.name, "parameters()", [&] { return model.parameters(design); });
  Priors priors(std::move(parameters), arguments.texts("prior"));
  refuse_improper(design, priors);
  return priors;
}

}  // namespace tarn::launcher
